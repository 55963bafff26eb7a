//! `unset-value`: a value that some way leaves unset.

use super::states::{Misuse, Wrong};
use super::{Check, Subject};
use crate::yaml::Problems;

pub(super) const CHECK: Check = Check {
    name: "unset-value",
    finds: "A value that is needed where some way has not set it.",
    why: "The call would have nothing to say there: the caller hears the apology, or that a verification has ended \
          that never was.",
    example: "\
  year.ask:
    kind: lookup
    lookup: payments-year
    with: { insurance: insurance, year: year }
    as: sums
    on: { found: year.say, none: year.say, ... }     # `none` brings no sums
",
    fix: "set it on every way that leads here, or lead the way that lacks it elsewhere",
    run,
};

fn run(subject: &Subject<'_>, problems: &Problems) {
    for (states, misuse) in subject.misuses() {
        let Misuse { path, wrong, .. } = misuse;
        let text = match wrong {
            Wrong::Unset => format!("`{path}` may not be set here"),
            Wrong::NotBrought => format!("`{path}` is not brought by every answer that leads here"),
            Wrong::Unverified | Wrong::OfAnother => continue,
        };
        subject.find_misuse(problems, &CHECK, (states, misuse), text);
    }
}
