//! How long what calls leave can be read.

use std::time::Duration;

use anyhow::bail;
use serde::{Deserialize, Deserializer, de};

/// The usual time, and the longest that figures in milliseconds can count.
const USUAL: Days = Days(90);
const LONGEST: u32 = 36_500;

/// What the file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Written {
    calls: Option<Days>,
    recordings: Option<Days>,
}

/// A number of days, written `90d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Days(u32);

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let days =
            text.strip_suffix('d').and_then(|days| days.parse().ok()).filter(|days| (1..=LONGEST).contains(days));
        days.map(Self).ok_or_else(|| de::Error::custom(format!("`{text}` is not a number of days like 90d")))
    }
}

impl From<Days> for Duration {
    fn from(Days(days): Days) -> Self {
        Self::from_hours(u64::from(days) * 24)
    }
}

/// How long each is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// After the end of a call: then its key is deleted, and with it all that was sealed under it.
    pub calls: Duration,
    /// After a recording was made.
    pub recordings: Duration,
}

impl Written {
    pub(super) fn check(self) -> anyhow::Result<Retention> {
        let calls = self.calls.unwrap_or(USUAL);
        let recordings = self.recordings.unwrap_or(calls.min(USUAL));
        if recordings > calls {
            bail!(
                "[retention] recordings are sealed under the key of their call, so they cannot be kept for longer than \
                 calls: {} days are more than {}",
                recordings.0,
                calls.0
            );
        }
        Ok(Retention { calls: calls.into(), recordings: recordings.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_go_before_calls_do() {
        let read = |written: &str| match toml::from_str::<Written>(written) {
            Ok(written) => written.check().map_err(|failed| failed.to_string()),
            Err(failed) => Err(failed.to_string()),
        };
        let days = |days: u64| Duration::from_hours(days * 24);
        assert_eq!(read(""), Ok(Retention { calls: days(90), recordings: days(90) }));
        assert_eq!(read("calls = \"30d\""), Ok(Retention { calls: days(30), recordings: days(30) }));
        assert_eq!(read("calls = \"365d\""), Ok(Retention { calls: days(365), recordings: days(90) }));
        assert!(read("recordings = \"91d\"").unwrap_err().contains("91 days are more than 90"));
        for bad in ["calls = 90", "calls = \"90\"", "calls = \"0d\"", "calls = \"12h\"", "members = \"1d\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
