//! `disclosure`: what is known about a member is needed where they may not be the one who is verified.

use super::states::{Misuse, Use, Wrong};
use super::{Check, Subject};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "disclosure",
    finds: "A member's value that is said, whispered, sent or decides where, on some way, this member is not verified.",
    why: "A stranger would hear a member's figures, or a caller those of whoever was verified before them. The program \
          drops such values when a verification ends, so the caller would hear that it has ended, or the apology. \
          A word that was chosen by a member's values counts as one of them.",
    example: "\
  balance.check:
    kind: call
    flow: verify-identity
    on: { verified: balance.ask, refused: balance.say }   # refused leads to the figures, too
  balance.say:
    kind: say
    prompt: med.balance
    from: account
    next: main.menu
",
    fix: "lead every way through a verification and its lookup, after the last verification of the call",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    for (states, misuse) in subject.misuses() {
        let Misuse { of, path, wrong, .. } = misuse;
        let how = match of {
            Use::Said(_) | Use::Browsed => "said",
            Use::Whispered(_) => "whispered to an operator",
            Use::Sent(_) | Use::Claimed(_) => "sent to a lookup",
            Use::Compared => "used to decide",
        };
        let why = match wrong {
            Wrong::Unverified => "nobody is verified",
            Wrong::OfAnother => "it is about somebody who was verified before",
            Wrong::Unset | Wrong::NotBrought => continue,
        };
        subject.find_misuse(problems, &CHECK, (states, misuse), format!("`{path}` is {how} where {why}"));
    }
}
