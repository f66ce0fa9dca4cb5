#!/usr/bin/env bash
# lighthouse.sh [address]: Lighthouse on the list of vacancies, a vacancy and its form, as a phone on a slow line sees them.
# Three runs each (mobile, simulated slow 4G, its defaults); the median of performance and accessibility, and what came
# over the line. Exit status 1 if one is under 98. It needs Node, Chromium, and a served demonstration:
#     ./dev demo &    then    bench/lighthouse.sh http://127.0.0.1:8000
# LIGHTHOUSE names another way to start it than npx.
set -euo pipefail

address=${1:-http://127.0.0.1:8000}
lighthouse=${LIGHTHOUSE:-npx --yes lighthouse@12.2.3}
least=98
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CHROME_PATH=${CHROME_PATH:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}

vacancy=$(curl -sf -H 'accept-language: nb' "$address/" | grep -o 'href="/positions/[0-9a-f-]*"' | head -1 | cut -d'"' -f2)
bad=0
printf '%-10s %11s %13s %8s %9s\n' page performance accessibility bytes 'LCP (ms)'
for page in "list /" "vacancy $vacancy" "form $vacancy/apply"; do
  read -r name path <<<"$page"
  for run in 1 2 3; do
    $lighthouse "$address$path" --quiet --output=json --output-path="$folder/$name-$run.json" \
      --only-categories=performance,accessibility --chrome-flags='--headless=new --no-sandbox --disable-gpu' >/dev/null
  done
  node - "$folder" "$name" "$least" <<'JS' || bad=1
const [folder, name, least] = process.argv.slice(2);
const runs = [1, 2, 3].map((run) => JSON.parse(require("fs").readFileSync(`${folder}/${name}-${run}.json`)));
const median = (of) => runs.map(of).sort((a, b) => a - b)[1];
const score = (category) => Math.round(100 * median((run) => run.categories[category].score));
const speed = score("performance"), access = score("accessibility");
const bytes = median((run) => run.audits["total-byte-weight"].numericValue);
const lcp = Math.round(median((run) => run.audits["largest-contentful-paint"].numericValue));
const cell = (text, width) => String(text).padStart(width);
console.log(name.padEnd(10), cell(speed, 11), cell(access, 13), cell(bytes, 8), cell(lcp, 9));
process.exit(speed < least || access < least ? 1 : 0);
JS
done
exit "$bad"
