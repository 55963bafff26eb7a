//! Whoever reads what is printed may have read enough, as in `hotline check FOLDER | head`: the program then ends without a
//! word, as others do. It is *not* for `serve`, which goes on whoever reads.

use std::io::{Error, ErrorKind};
use std::process::ExitCode;
use std::{panic, process};

/// What a shell says of a program that ended so.
const READ_ENOUGH: u8 = 141;

/// Ends the program when what it prints is read no more; until now it would panic.
pub(super) fn end_when_nobody_reads() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        if panicked.payload_as_str().is_some_and(is_closed) {
            process::exit(READ_ENOUGH.into());
        }
        usual(panicked);
    }));
}

/// How a command ends that failed because nobody reads on; `None` if it failed otherwise.
pub(super) fn read_enough(failed: &anyhow::Error) -> Option<ExitCode> {
    let is_closed = failed.downcast_ref::<Error>().is_some_and(|failed| failed.kind() == ErrorKind::BrokenPipe);
    is_closed.then(|| READ_ENOUGH.into())
}

/// Whether `println!` has said so: it has no other way.
fn is_closed(panicked: &str) -> bool {
    panicked.starts_with("failed printing to stdout") && panicked.contains("Broken pipe")
}
