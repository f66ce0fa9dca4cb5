"""How an application stands, said to the one who sent it. English message ids. Pure.

Guards that nothing is promised: what comes next is what may come.
"""

NEXT = {
    "received": "Next we read your application. You hear from us, whatever the outcome.",
    "screening": "We are assessing the applications. Next we invite some of the candidates to an interview; the others "
    "hear from us too.",
    "interview": "We are meeting some of the candidates. If we want to meet you, we agree on a time with you.",
    "finalist": "You are among the last candidates. We may now ask for references, and tell you if we check anything "
    "with others. Then we decide.",
    "offer": "We are making an offer. Next come its details and your answer.",
    "rejected": "We have decided not to go further with your application. Below you see how long it is kept.",
    "withdrawn": "You have withdrawn your application. Below you see how long it is kept.",
    "position_filled": "The position was filled or closed. Below you see how long your application is kept.",
    "hired": "You got the position. Below you see how long the application is kept here.",
}
ENDED = {
    "rejected": "The process ended: we did not go further with your application",
    "withdrawn": "You withdrew the application",
    "position_filled": "The process ended: the position was filled or closed",
    "hired": "You got the position",
}
MEETINGS = {
    "proposed": "Waits for your answer",
    "unfit": "You answered that none of the times suits you",
    "agreed": "Agreed",
    "cancelled": "Called off",
}
"""How an interview stands."""
RECEIPTS = {
    "announced": "Announced",
    "called_off": "Called off: nothing was erased",
    "under_way": "Under way: the receipt comes when it is checked",
    "done": "Erased and checked",
}
"""How an erasure stands."""
