//! Who has tried to come in and was wrong, by network address: each further try has to wait, longer each time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest wait before the next try.
const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// Wrong tries are forgotten after so long.
const FORGOTTEN: Duration = Duration::from_mins(15);
/// How many addresses are remembered; one more, and the one that was quiet for longest is forgotten.
const MOST_ADDRESSES: usize = 10_000;

/// The tries of this process.
#[derive(Debug)]
pub(super) struct Tries {
    /// So many wrong ones cost an address nothing.
    free: u32,
    by_address: Mutex<HashMap<IpAddr, Wrong>>,
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    times: u32,
    last: Instant,
}

impl Tries {
    pub(super) fn with_free(free: u32) -> Self {
        Self { free, by_address: Mutex::default() }
    }

    /// A try begins: it counts as wrong until [`Self::right`] says otherwise, so that many at once are many.
    ///
    /// # Errors
    /// It is not to be looked at; the next one is, after so long.
    pub(super) fn begin(&self, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut tries = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, wrong| now.duration_since(wrong.last) < FORGOTTEN);
        let from = network(from);
        let times = match tries.get(&from) {
            Some(wrong) => {
                let wait = self.wait_after(wrong.times).saturating_sub(now.duration_since(wrong.last));
                if !wait.is_zero() {
                    return Err(wait);
                }
                wrong.times
            }
            None => 0,
        };
        if tries.len() >= MOST_ADDRESSES && times == 0 {
            let quiet = tries.iter().min_by_key(|(_, wrong)| wrong.last).map(|(address, _)| *address);
            quiet.and_then(|quiet| tries.remove(&quiet));
        }
        tries.insert(from, Wrong { times: times + 1, last: now });
        Ok(())
    }

    /// The try was right.
    pub(super) fn right(&self, from: IpAddr) {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).remove(&network(from));
    }

    /// How long the next try has to wait.
    fn wait_after(&self, times: u32) -> Duration {
        match times.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(more) => Duration::from_secs(1 << more.min(30)).min(LONGEST_WAIT),
        }
    }
}

/// Who has one address of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn who_was_wrong_has_to_wait() {
        let tries = Tries::with_free(5);
        let [here, there, beside] = ["2001:db8::1", "192.0.2.1", "2001:db8::2"].map(|address| address.parse().unwrap());
        let start = Instant::now();
        for _ in 0..5 {
            assert_eq!(tries.begin(here, start), Ok(()));
        }
        // From the same network too; another address does not.
        assert_eq!(tries.begin(beside, start), Err(Duration::from_secs(1)));
        assert_eq!(tries.begin(there, start), Ok(()));
        let later = start + Duration::from_secs(1);
        assert_eq!(tries.begin(here, later), Ok(()));
        assert_eq!(tries.begin(here, later), Err(Duration::from_secs(2)));
        let later = later + Duration::from_secs(2);
        assert_eq!(tries.begin(here, later), Ok(()));
        tries.right(beside);
        assert_eq!(tries.begin(here, later), Ok(()));
        assert_eq!(tries.wait_after(1_000), LONGEST_WAIT);
    }

    #[test]
    fn many_addresses_do_not_keep_others_out() {
        let tries = Tries::with_free(5);
        let start = Instant::now();
        for address in 0..20_000 {
            assert_eq!(tries.begin(Ipv4Addr::from_bits(address).into(), start), Ok(()));
        }
        assert!(tries.by_address.lock().unwrap().len() <= MOST_ADDRESSES);
    }
}
