//! What this process may use of the machine, and what it has used.

use std::time::Duration;

use anyhow::bail;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Files that are open beside the connections.
const OTHER_FILES: u64 = 64;

/// Has as many files open as so many connections need.
pub(super) fn raise_file_limit(connections: u64) -> anyhow::Result<()> {
    let wanted = connections + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if limit.maximum.is_some_and(|maximum| maximum < wanted)
        || setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }).is_err()
    {
        bail!(
            "{connections} calls at once need {wanted} open files, and this process may not have so many: raise `ulimit -n` \
             (its hard limit, `ulimit -Hn`), for the server too, or give fewer --callers"
        );
    }
    Ok(())
}

/// The time that all threads of this process have run.
pub(super) fn cpu_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}
