"""Starting points for the record of processing: the usual activities of a small employer, to be made one's own. Pure.

Guards that a privacy contact without a lawyer begins with entries that are whole: purpose, basis, a period that one can
act on, recipients, security. They are suggestions in the employer's words, in both languages, not sentences of the
program; nothing of them is in force before somebody has put it on the record.
"""

from recruit.notice.activities import Both, Entry

_HANDLED = Both(
    "Bare ansatte som trenger opplysningene, har tilgang. Systemene er beskyttet med personlig innlogging, og "
    "leverandørene følger databehandleravtaler.",
    "Only employees who need the data have access. The systems are protected by personal sign-in, and suppliers are "
    "bound by processor agreements.",
)
_OPERATIONS = Both(
    "De som drifter nettsidene og e-posten vår, som databehandlere.",
    "Whoever runs our web pages and our e-mail, as data processors.",
)

STARTING: dict[str, Entry] = {
    "visitors": Entry(
        name=Both("Besøksstatistikk for nettsidene", "Visitor statistics of the web pages"),
        purpose=Both(
            "Å se hvilke sider som blir lest, så nettsidene kan driftes og bli bedre.",
            "To see which pages are read, so that the web pages can be run and improved.",
        ),
        people=Both("De som besøker nettsidene.", "Whoever visits the web pages."),
        data=Both(
            "Hvilke sider som ble åpnet og når, og hvilken type nettleser og operativsystem som ble brukt.",
            "Which pages were opened and when, and what kind of browser and operating system was used.",
        ),
        source=Both("Fra nettleseren din.", "From your browser."),
        bases=("6(1)(f)",),
        why=Both(
            "Vår interesse i at nettsidene virker og er nyttige. Tallene brukes ikke til noe annet.",
            "Our interest in web pages that work and are of use. The figures serve nothing else.",
        ),
        retention=Both(
            "Loggen slettes etter 12 måneder; tall som ingen kan kjennes igjen i, beholdes.",
            "The log is erased after 12 months; figures in which nobody can be recognised are kept.",
        ),
        recipients=_OPERATIONS,
        security=_HANDLED,
    ),
    "enquiries": Entry(
        name=Both("Henvendelser", "Enquiries"),
        purpose=Both(
            "Å svare deg når du spør om noe, og følge det opp. Informasjon om tjenestene våre sender vi bare når det "
            "er det du spør om.",
            "To answer when you ask something, and to follow it up. We send information about our services only when "
            "that is what you ask for.",
        ),
        people=Both("De som tar kontakt med oss.", "Whoever contacts us."),
        data=Both(
            "Navn og kontaktopplysninger, det du skriver eller forteller, og svaret vårt.",
            "Name and contact details, what you write or tell us, and our answer.",
        ),
        source=Both(
            "Fra deg: i skjemaet, på e-post eller telefon.", "From you: in the form, by e-mail or by telephone."
        ),
        bases=("6(1)(b)", "6(1)(f)"),
        why=Both(
            "Avtale, når du spør før en avtale med oss. Ellers vår interesse i å svare på det vi blir spurt om; du kan "
            "protestere.",
            "A contract, when you ask before one with us. Otherwise our interest in answering what we are asked; you "
            "may object.",
        ),
        recipients=_OPERATIONS,
        security=_HANDLED,
    ),
    "cookies": Entry(
        name=Both("Informasjonskapsler", "Cookies"),
        purpose=Both(
            "Å holde deg innlogget og huske skjema og språk mens du bruker disse sidene.",
            "To keep you signed in, and to remember form and language while you use these pages.",
        ),
        people=Both("De som besøker disse sidene.", "Whoever visits these pages."),
        source=Both("Fra disse sidene og nettleseren din.", "From these pages and your browser."),
        bases=("6(1)(f)",),
        why=Both(
            "De er strengt nødvendige for det du gjør her, så loven krever ikke samtykke. Du kan slette dem i "
            "nettleseren når som helst.",
            "They are strictly necessary for what you do here, so the law asks for no consent. You can delete them in "
            "your browser at any time.",
        ),
        recipients=Both("Ingen: de leses bare av disse sidene.", "Nobody: only these pages read them."),
        security=Both(
            "De inneholder ingen opplysninger om deg, bare tilfeldige verdier. Skript når ikke innloggingen.",
            "They hold nothing about you, only random values, and scripts can't reach the sign-in.",
        ),
    ),
    "links": Entry(
        name=Both("Lenker til andre nettsteder", "Links to other sites"),
        purpose=Both(
            "Å vise vei til våre kanaler i sosiale medier og til samarbeidspartnere. Lenkene er rene lenker: Ingenting "
            "fra de andre stedene er bygd inn, så de får ikke vite noe før du følger en lenke.",
            "To lead to our channels in social media and to partners. They are plain links: nothing of the other "
            "sites is built in, so they learn nothing before you follow one.",
        ),
        people=Both("De som følger en lenke.", "Whoever follows a link."),
        data=Both(
            "Ingen hos oss. Det andre nettstedet får vite at du kommer, og følger sin egen personvernerklæring.",
            "None with us. The other site learns that you come, and follows a privacy notice of its own.",
        ),
        source=Both("Ingenting hentes.", "Nothing is collected."),
        bases=("none",),
        retention=Both("Ingenting lagres.", "Nothing is kept."),
        recipients=Both(
            "Nettstedet du selv går til. Vi styrer det ikke.", "The site that you go to yourself. We do not control it."
        ),
        security=Both("Rene lenker uten sporing.", "Plain links without tracking."),
    ),
    "customers": Entry(
        name=Both("Kunder", "Customers"),
        purpose=Both(
            "Å inngå og oppfylle avtaler, levere, fakturere og gi støtte.",
            "To make and keep contracts, deliver, invoice and give support.",
        ),
        people=Both(
            "Kunder, og kontaktpersoner hos bedrifter som er kunder.",
            "Customers, and contact persons of companies that are customers.",
        ),
        data=Both(
            "Navn, adresse, stilling, arbeidsgiver, e-postadresse og telefonnummer; avtaler, ordre og fakturaer.",
            "Name, address, position, employer, e-mail address and telephone number; contracts, orders and invoices.",
        ),
        source=Both("Fra deg eller arbeidsgiveren din.", "From you or your employer."),
        bases=("6(1)(a)", "6(1)(b)", "6(1)(c)", "6(1)(f)"),
        why=Both(
            "Avtalen med deg; bokføringsloven for det som hører til regnskapet; vår interesse i å ha noen å snakke med "
            "når kunden er en bedrift; samtykke til det du har sagt ja til.",
            "The contract with you; the bookkeeping act for what belongs to the accounts; our interest in having "
            "somebody to talk to where the customer is a company; consent for what you said yes to.",
        ),
        retention=Both(
            "Til 12 måneder etter at kundeforholdet er slutt. Regnskapsbilag i 5 år etter regnskapsåret.",
            "Until 12 months after the customer relation has ended. Vouchers for 5 years after the financial year, as "
            "the law says.",
        ),
        recipients=Both(
            "Regnskapsfører og de som drifter systemene våre, som databehandlere.",
            "Our accountant and whoever runs our systems, as data processors.",
        ),
        security=_HANDLED,
    ),
    "users": Entry(
        name=Both("Brukere av systemer som vi leverer", "Users of systems that we deliver"),
        purpose=Both(
            "Å gi deg tilgang når en kunde av oss har gjort deg til bruker.",
            "To give you access where a customer of ours has made you a user.",
        ),
        people=Both("Ansatte hos kundene, som brukere.", "Employees of customers, as users."),
        data=Both(
            "Navn, e-postadresse, arbeidsgiver, og når du var innlogget.",
            "Name, e-mail address, employer, and when you were signed in.",
        ),
        source=Both("Fra arbeidsgiveren din og fra deg.", "From your employer and from you."),
        bases=("6(1)(b)", "6(1)(f)"),
        why=Both(
            "Avtalen med kunden, som er behandlingsansvarlig for det du gjør i systemet; vår interesse i sikker "
            "innlogging. Systemet har en egen personvernerklæring.",
            "The contract with the customer, who is the data controller of what you do in the system; our interest in "
            "secure sign-in. The system has a privacy notice of its own.",
        ),
        retention=Both(
            "Så lenge kunden har deg som bruker, og 30 dager etter det.",
            "As long as the customer has you as a user, and 30 days after that.",
        ),
        recipients=Both(
            "Kunden, og de som drifter systemet, som databehandlere.",
            "The customer, and whoever runs the system, as data processors.",
        ),
        security=_HANDLED,
    ),
    "contacts": Entry(
        name=Both("Bedriftskontakter", "Business contacts"),
        purpose=Both(
            "Å holde kontakt med bedrifter som er eller kan bli kunder, og fortelle om fag, regelverk og tjenester. Du "
            "kan si nei når som helst.",
            "To stay in touch with companies that are or may become customers, and tell of our field, new rules and "
            "our services. You can say no at any time.",
        ),
        people=Both("Kontaktpersoner i bedrifter.", "Contact persons of companies."),
        data=Both(
            "Navn, tittel, bedrift, sted og kontaktopplysninger, og hva vi har snakket om.",
            "Name, title, company, place and contact details, and what we have talked about.",
        ),
        source=Both(
            "Fra deg, bedriften din eller bedriftens egne nettsider.", "From you, your company or its own web pages."
        ),
        bases=("6(1)(f)",),
        why=Both(
            "Vår interesse i å selge det vi lager. Opplysningene selges ikke, og brukes ikke til noe annet.",
            "Our interest in selling what we make. The data are not sold, and serve nothing else.",
        ),
        retention=Both(
            "Så lenge bedriften er kunde; ellers 24 måneder etter siste kontakt, eller til du sier nei.",
            "As long as the company is a customer; otherwise 24 months after the last contact, or until you say no.",
        ),
        recipients=Both(
            "Leverandøren av kundesystemet, som databehandler.",
            "The supplier of the customer system, as a data processor.",
        ),
        security=_HANDLED,
    ),
    "suppliers": Entry(
        name=Both("Leverandører, partnere og underleverandører", "Suppliers, partners and subcontractors"),
        purpose=Both(
            "Å inngå og følge opp avtaler, motta og betale fakturaer, og gi kundene støtte sammen.",
            "To make and follow up contracts, receive and pay invoices, and support customers together.",
        ),
        people=Both("Leverandører og personer som arbeider for dem.", "Suppliers, and people who work for them."),
        data=Both(
            "Kontaktopplysninger, betalingsopplysninger og det vi skriver til hverandre.",
            "Contact details, payment details, and what we write to each other.",
        ),
        source=Both("Fra leverandøren.", "From the supplier."),
        bases=("6(1)(b)", "6(1)(c)", "6(1)(f)"),
        why=Both(
            "Avtalen; bokføringsloven for regnskapet; vår interesse i å samarbeide når leverandøren er en bedrift.",
            "The contract; the bookkeeping act for the accounts; our interest in working together where the supplier "
            "is a company.",
        ),
        retention=Both(
            "Til 12 måneder etter at samarbeidet er slutt. Regnskapsbilag i 5 år etter regnskapsåret, som loven sier.",
            "Until 12 months after the cooperation has ended. Vouchers for 5 years after the financial year, as the "
            "law says.",
        ),
        recipients=Both(
            "Bank og regnskapsfører, og de som drifter systemene våre, som databehandlere.",
            "Bank and accountant, and whoever runs our systems, as data processors.",
        ),
        security=_HANDLED,
    ),
}
"""By the key of the activity. Recruitment has none: what the program does is whole by itself."""


def initial(key: str) -> Entry:
    """What an entry begins with; empty for one of the employer's own, and for recruitment."""
    return STARTING.get(key, Entry())
