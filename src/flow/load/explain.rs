//! What the loader tells of flows and settings, explained. What it tells of any file is in `yaml`, of texts in `prompt`.

use crate::yaml::Explanation;

/// The problems of flows and settings.
pub(in crate::flow) const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        name: "case-missing",
        finds: "A branch or a browse whose cases do not cover every value.",
        why: "A call with that value could not go on.",
        example: "\
nodes:
  stage:
    kind: branch
    of: account.stage         # account, self-pay, co-pay
    cases: { account: stage.account, self-pay: stage.self-pay }
",
        fix: "add a case for each of the values that the message names",
    },
    Explanation {
        name: "format",
        finds: "A file of another format version.",
        why: "Its fields may mean something else.",
        example: "\
format: 2
",
        fix: "write `format: 1`, or use a program that reads the newer format",
    },
    Explanation {
        name: "ladder",
        finds: "A ladder that has not two prompts.",
        why: "A caller who says nothing, or presses what means nothing, is helped twice; the third time the call goes to \
              `then`.",
        example: "\
ladder:
  silent: [sys.silence]
",
        fix: "name two prompts; the second one may say how to reach a person",
    },
    Explanation {
        name: "missing-argument",
        finds: "A lookup without an argument that it needs.",
        why: "It cannot be asked.",
        example: "\
nodes:
  pay.recent:
    kind: lookup
    lookup: payments
    with: { last: 3 }         # of which insurance?
",
        fix: "give the argument in `with`",
    },
    Explanation {
        name: "missing-file",
        finds: "A line without one of its two files, `line.yaml` and `calendar.yaml`.",
        why: "The first says where a call begins, the second when people answer.",
        example: "\
call-flows/mine/line.yaml     # and no calendar.yaml
",
        fix: "write the file; call-flows/12333 has an example of each",
    },
    Explanation {
        name: "missing-outcome",
        finds: "A node without an edge for something that can happen there.",
        why: "A call to which it happens could not go on. `unavailable` and `expired` happen too.",
        example: "\
nodes:
  balance.ask:
    kind: lookup
    lookup: medical-account
    on: { found: balance.say, none: balance.none }
",
        fix: "add an edge to `on` for each of the outcomes that the message names",
    },
    Explanation {
        name: "missing-value",
        finds: "A prompt with a placeholder that no value is given for.",
        why: "The sentence cannot be said.",
        example: "\
nodes:
  balance.say:
    kind: say
    prompt: balance           # \"You have {total: amount}.\"
    next: main.menu
",
        fix: "give the value in `values`, or name the record that has it in `from`",
    },
    Explanation {
        name: "no-language",
        finds: "A line without a language.",
        why: "Nothing can be said.",
        example: "\
languages: []
",
        fix: "name at least one; a call begins in the first",
    },
    Explanation {
        name: "no-secret",
        finds: "A node that takes a secret and does not follow the collect that took one.",
        why: "A secret is gone after the node that follows its entry: there would be nothing to check.",
        example: "\
nodes:
  verify.wrong:
    kind: say
    prompt: verify.wrong
    next: verify.check        # and not to the collect that asks for the PIN again
",
        fix: "lead the edge to the secret collect",
    },
    Explanation {
        name: "other-flow",
        finds: "An edge that leads into another flow.",
        why: "A sub-flow has to know who called it, and its nodes may be used by several callers.",
        example: "\
nodes:
  main.menu:
    kind: menu
    prompt: main.menu
    keys: { 1: verify.id }    # a node of the sub-flow `verify`
",
        fix: "enter a sub-flow by a node of kind `call`, and leave it by `return`",
    },
    Explanation {
        name: "out-of-range",
        finds: "A length of time that is too short or too long.",
        why: "Providers do not take it, or no caller would wait so long.",
        example: "\
longest-call: 24h
",
        fix: "keep to the range that the message names",
    },
    Explanation {
        name: "personal-sms",
        finds: "An SMS with a value in it that only a verified caller may hear.",
        why: "A message lies on a telephone that others read, and a number proves nobody's identity.",
        example: "\
nodes:
  med.send:
    kind: effect
    effect: sms
    prompt: sms.balance
    with: { total: account.total }
    next: main.menu
",
        fix: "send what everybody may know: a reference, an address",
    },
    Explanation {
        name: "return-from-main",
        finds: "A `return` in the main flow.",
        why: "Nobody called it, so there is nowhere to return to.",
        example: "\
format: 1
nodes:
  main.bye:
    kind: return
    exit: done
",
        fix: "end the call with a node of kind `end`",
    },
    Explanation {
        name: "secret-named",
        finds: "A secret entry with `as`.",
        why: "A secret is held nowhere; only the node that follows can use it.",
        example: "\
nodes:
  verify.pin:
    kind: collect
    prompt: verify.pin
    format: pin
    secret: true
    as: pin
    next: verify.check
",
        fix: "delete `as`",
    },
    Explanation {
        name: "shadowed-key",
        finds: "A menu that lists a key which holds everywhere.",
        why: "A caller who has learnt what the key does would find that it does something else here.",
        example: "\
keys: { 0: operator, 9: again }               # line.yaml
keys: { 1: balance, 9: main.menu }            # a menu
",
        fix: "use another key in the menu",
    },
    Explanation {
        name: "sms-text",
        finds: "A text that is sent where it should be said, or said where it should be sent.",
        why: "What is sent as an SMS is a prompt `sms.*`, in which figures are written; every other prompt is said, and has \
              clips. An `sms` needs such a text, and how many there are of something can only be said.",
        example: "\
nodes:
  sup.send:
    kind: effect
    effect: sms
    prompt: sup.ok            # it is said
    with: { reference: ticket.reference }
    next: sys.more
",
        fix: "name a prompt `sms.*` in an `sms`, and others everywhere else",
    },
    Explanation {
        name: "unknown-argument",
        finds: "An argument that a lookup does not take.",
        why: "It would have no effect.",
        example: "\
    with: { insurance: insurance, months: 3 } # last is meant
",
        fix: "use one of the arguments that call-flows/README.md lists",
    },
    Explanation {
        name: "unknown-effect",
        finds: "An effect that is not there.",
        why: "Nothing would happen.",
        example: "\
    effect: set-pin           # change-pin is meant
",
        fix: "use one that the message names",
    },
    Explanation {
        name: "unknown-exit",
        finds: "A `return` by an exit that its sub-flow does not name.",
        why: "Nobody who calls the sub-flow has an edge for it.",
        example: "\
exits: [verified, refused]
nodes:
  verify.locked:
    kind: return
    exit: locked
",
        fix: "name the exit in `exits`, and an edge for it in each `call`",
    },
    Explanation {
        name: "unknown-flow",
        finds: "A `call` of a sub-flow that is not there.",
        why: "The call could not go on.",
        example: "\
    flow: verfiy              # verify is meant
",
        fix: "write the name that stands behind `flow:` in its file",
    },
    Explanation {
        name: "unknown-key",
        finds: "A key that no telephone has.",
        why: "Nobody could press it.",
        example: "\
    keys: { 10: help }
",
        fix: "use 0 to 9, or \"*\" and \"#\" where they do not hold everywhere",
    },
    Explanation {
        name: "unknown-lookup",
        finds: "A lookup that is not there.",
        why: "There is nobody to ask.",
        example: "\
    lookup: medical-acount    # medical-account is meant
",
        fix: "use one that call-flows/README.md lists",
    },
    Explanation {
        name: "unknown-outcome",
        finds: "An edge for something that cannot happen at this node.",
        why: "No call would ever take it; most often it is a slip, and the real outcome has no edge.",
        example: "\
    on: { found: balance.say, missing: balance.none, ... }    # none is meant
",
        fix: "write the outcome that is meant, or delete the edge",
    },
    Explanation {
        name: "unknown-placeholder",
        finds: "A value for a placeholder that the prompt has not.",
        why: "It would not be said.",
        example: "\
    prompt: balance           # \"You have {total: amount}.\"
    values: { sum: account.total }
",
        fix: "write the name that stands in the text",
    },
    Explanation {
        name: "unknown-prompt",
        finds: "A node, a setting or a word of a value that names a prompt which is not there.",
        why: "The caller would hear nothing.",
        example: "\
    prompt: main.meun         # main.menu is meant
",
        fix: "correct the name, or write the prompt in every language",
    },
    Explanation {
        name: "unknown-target",
        finds: "An edge to a node that is not there.",
        why: "The call could not go on.",
        example: "\
    next: main.meny           # main.menu is meant
",
        fix: "correct the name, or write the node",
    },
    Explanation {
        name: "unknown-time-zone",
        finds: "A time zone that is not there.",
        why: "Opening hours would be those of another place.",
        example: "\
time-zone: Shanghai           # Asia/Shanghai is meant
",
        fix: "write a name of the IANA time zones, like Asia/Shanghai",
    },
    Explanation {
        name: "unknown-value",
        finds: "A value that nothing holds.",
        why: "There would be nothing to say or to compare.",
        example: "\
    values: { total: acount.total }           # account.total is meant
",
        fix: "write the name behind `as` of the node that brings it, and one of its fields",
    },
    Explanation {
        name: "unknown-word",
        finds: "A word that is in no set, or not in the one that is due.",
        why: "No call would ever have it.",
        example: "\
    values: { insurance: insurance/pensoin }  # insurance/pension is meant
",
        fix: "use a word of the set",
    },
    Explanation {
        name: "unused-secret",
        finds: "A secret entry that nothing takes.",
        why: "The caller keys in a secret for nothing.",
        example: "\
nodes:
  verify.pin:
    kind: collect
    prompt: verify.pin
    format: pin
    secret: true
    next: main.menu
",
        fix: "lead `next` to a `verify`, or to a lookup that takes a secret",
    },
    Explanation {
        name: "value-type",
        finds: "A value of another type than the one that is due.",
        why: "A date cannot be said as an amount, nor asked for as a month.",
        example: "\
balance: \"You have {total: amount}.\"
    values: { total: account.as-of }          # a date
",
        fix: "use a value of the type that the message names, or another reading",
    },
    Explanation {
        name: "verify-claim",
        finds: "A verification that does not say whom the caller claims to be.",
        why: "A PIN alone says nothing.",
        example: "\
nodes:
  verify.check:
    kind: verify
    card: card                # and last-four
",
        fix: "give `id`, or `card` and `last-four`",
    },
    Explanation {
        name: "wrong-case",
        finds: "A case that the value cannot be.",
        why: "No call would ever take it.",
        example: "\
    of: month.n               # a number
    cases: { none: a, 1..: b }
",
        fix: "write words of its set, `true` or `false`, or numbers like 0, 1..12 and 13.. here",
    },
];
