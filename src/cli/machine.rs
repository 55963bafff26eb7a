//! What this process may use of the machine, and what it has used.

use std::time::Duration;

use anyhow::bail;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Files that are open beside the connections.
const OTHER_FILES: u64 = 64;

/// Has as many files open as so many connections need, or as many as it may.
///
/// # Errors
/// If those are fewer.
pub(super) fn raise_file_limit(connections: u64) -> anyhow::Result<()> {
    let wanted = connections.saturating_add(OTHER_FILES);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let most = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit })?;
    if most < wanted {
        bail!(
            "{connections} connections at once need {wanted} open files, and this process may have {most}: raise `ulimit -Hn`"
        );
    }
    Ok(())
}

/// The time that all threads of this process have run.
pub(super) fn cpu_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}
