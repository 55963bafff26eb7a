//! Says what is going to be done before it is done.

use super::place::Target;
use crate::simulator::load::{Arrivals, Plan, Speed, Until};

/// On standard error, so that what is measured stands alone on standard output.
pub(super) fn tell(plan: &Plan, target: &Target, hears_all: bool) {
    let Target { profile, public, route, on_this_machine, .. } = target;
    let whose = if *on_this_machine { "this machine" } else { "ANOTHER MACHINE" };
    eprintln!("Calls {} ({whose}) as provider `{}`.", route.reached, profile.name);
    if route.public != route.reached {
        eprintln!("  Requests are signed for {public}.");
    }
    let until = match plan.until {
        Until::After(time) => format!("for {time:?}"),
        Until::Calls(calls) => format!("{calls} calls in all"),
    };
    match plan.arrivals {
        Arrivals::Rate { per_s, at_once } => eprintln!(
            "  Open loop: {per_s} calls a second, evenly, {until}; at most {at_once} at once. A turn is timed from when it was due."
        ),
        Arrivals::Callers(callers) => {
            eprintln!("  Closed loop: {callers} callers, each one call after the other, {until}.");
        }
    }
    match plan.speed {
        Speed::Fast => eprintln!("  Nothing is waited for: every prompt is cut short, every timer has run out."),
        Speed::Real => {
            eprintln!("  As with people: prompts are heard, timers run out, keys are pressed after half a second.");
        }
    }
    eprintln!(
        "  Callers of a script are one person, so at most four PINs are under way at once: with five the line locks it."
    );
    let audio = if hears_all {
        "All audio is fetched: everybody's once, what one caller alone hears each time."
    } else {
        "Audio for everybody is fetched once, before; what one caller alone hears is not fetched."
    };
    eprintln!("  {audio}");
    let all: u32 = plan.mix.parts.iter().map(|part| part.weight).sum();
    for part in &plan.mix.parts {
        eprintln!("  {:>4} of {all}  {}: {}", part.weight, part.script.file, part.script.comment);
    }
    eprintln!("  The calls are marked as simulated: nobody's telephone rings, and reports leave them out.");
}
