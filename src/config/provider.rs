//! `[provider.NAME]`: how a provider is asked to do something by itself. Without it everything works, a little later.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::call::PhoneNumber;
use crate::dialect::{Account, Api, PROFILES, provider};

/// What the file may say.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Written {
    account: String,
    api_key: Option<String>,
    rest_url: Option<String>,
    calls_from: Option<String>,
    sms_from: Option<String>,
    #[serde(default = "usual_sms_per_day")]
    sms_per_day: NonZeroU32,
    #[serde(default)]
    keep_recordings: bool,
}

/// Who files a complaint and loses the text can ask again; who presses the key all day cannot.
fn usual_sms_per_day() -> NonZeroU32 {
    NonZeroU32::new(5).unwrap_or(NonZeroU32::MIN)
}

/// A provider's control API, as this installation uses it.
#[derive(Clone, Debug)]
pub struct ControlSettings {
    pub account: Account,
    /// The number that calls out come from; `None`: none are made.
    pub calls_from: Option<PhoneNumber>,
    /// The number or the name that SMS come from; `None`: none are sent.
    pub sms_from: Option<PhoneNumber>,
    /// How many SMS one number is sent in 24 hours.
    pub sms_per_day: u32,
    /// Recordings stay with the provider when they have been fetched.
    pub keep_recordings: bool,
}

/// Checks what was written, and reads the secrets with `secret`, which is given the name of a variable.
pub(super) fn check(
    written: &BTreeMap<String, Written>,
    secret: impl Fn(&str) -> anyhow::Result<Option<String>>,
) -> anyhow::Result<BTreeMap<String, ControlSettings>> {
    let mut checked = BTreeMap::new();
    for (name, written) in written {
        let place = format!("[provider.{name}]");
        let Some(known) = provider(name) else {
            let known = PROFILES.iter().map(|provider| provider.name).collect::<Vec<_>>().join(", ");
            bail!("{place} is for no provider that is known; known are {known}");
        };
        let usual = match known.api {
            Api::At(url) => Some(url),
            Api::OwnHost => None,
            Api::None => bail!("{place}: {} cannot be asked by Hotline; take this out", known.title),
        };
        let Some(url) = written.rest_url.as_deref().or(usual) else {
            bail!("{place} needs rest-url, like https://SPACE.signalwire.com/api/laml");
        };
        let is_loopback = url.strip_prefix("http://").is_some_and(|rest| {
            rest.starts_with("127.0.0.1") || rest.starts_with("localhost") || rest.starts_with("[::1]")
        });
        if !url.starts_with("https://") && !is_loopback {
            bail!("{place} rest-url is `{url}`; a secret goes there, so it must begin with https://");
        }
        let id = written.account.trim();
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            bail!("{place} account is the provider's id of the account or project: letters, digits and hyphens");
        }
        let variable = format!("HOTLINE_{}_API_SECRET", name.to_uppercase());
        let Some(secret) = secret(&variable)? else {
            bail!(
                "{place} needs {variable} (or {variable}_FILE) in the environment: the account's token, or the key's secret"
            );
        };
        let number = |written: &Option<String>, what: &str| {
            let number = written.as_deref().map(PhoneNumber::parse).transpose();
            number.with_context(|| format!("{place} {what}"))
        };
        let account = Account {
            url: url.trim_end_matches('/').to_owned(),
            id: id.to_owned(),
            user: written.api_key.clone().unwrap_or_else(|| id.to_owned()),
            secret: secret.into(),
        };
        let (calls_from, sms_from) =
            (number(&written.calls_from, "calls-from")?, number(&written.sms_from, "sms-from")?);
        checked.insert(
            name.clone(),
            ControlSettings {
                account,
                calls_from,
                sms_from,
                sms_per_day: written.sms_per_day.get(),
                keep_recordings: written.keep_recordings,
            },
        );
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, secret: Option<&str>) -> Result<BTreeMap<String, ControlSettings>, String> {
        let written: BTreeMap<String, Written> = toml::from_str(text).map_err(|failed| failed.to_string())?;
        let found = |variable: &str| {
            assert!(variable.starts_with("HOTLINE_") && variable.ends_with("_API_SECRET"), "{variable}");
            Ok(secret.map(str::to_owned))
        };
        check(&written, found).map_err(|failed| format!("{failed:#}"))
    }

    #[test]
    fn a_control_api_needs_an_account_a_secret_and_encryption() {
        let whole = "[twilio]\naccount = \"AC1\"\napi-key = \"SK1\"\ncalls-from = \"+12025550123\"\n";
        let settings = read(whole, Some("s")).unwrap().remove("twilio").unwrap();
        assert_eq!((settings.account.url.as_str(), settings.account.user.as_str()), ("https://api.twilio.com", "SK1"));
        assert!(settings.sms_from.is_none() && settings.calls_from.is_some());
        assert_eq!(settings.sms_per_day, 5);
        let two = read(&format!("{whole}sms-per-day = 2\n"), Some("s")).unwrap().remove("twilio").unwrap();
        assert_eq!(two.sms_per_day, 2);
        assert!(!format!("{settings:?}").contains("\"s\""));
        assert!(read("", None).unwrap().is_empty());
        for (text, secret, expected) in [
            (whole, None, "HOTLINE_TWILIO_API_SECRET"),
            ("[twilio]\n", Some("s"), "missing field `account`"),
            ("[twilio]\naccount = \"AC1/..\"\n", Some("s"), "letters, digits"),
            ("[nobody]\naccount = \"AC1\"\n", Some("s"), "known are twilio"),
            ("[telnyx]\naccount = \"AC1\"\n", Some("s"), "take this out"),
            ("[signalwire]\naccount = \"a-1\"\n", Some("s"), "needs rest-url"),
            ("[twilio]\naccount = \"AC1\"\nrest-url = \"http://api.example\"\n", Some("s"), "https://"),
            ("[twilio]\naccount = \"AC1\"\nsms-from = \"a b\"\n", Some("s"), "sms-from"),
            ("[twilio]\naccount = \"AC1\"\nsms-per-day = 0\n", Some("s"), "nonzero"),
        ] {
            let failed = read(text, secret).unwrap_err();
            assert!(failed.contains(expected), "{text}: {failed}");
        }
    }
}
