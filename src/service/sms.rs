//! Texts on callers' telephones: to whom one can be sent, and what is written down to be sent. Sending is *not* done here:
//! it is in the outbox, and `control` delivers it.

use std::collections::BTreeMap;

use super::Service;
use super::calls::Kept;
use super::control::Errand;
use crate::call::{Arrival, CallId, Outcome, PhoneNumber, PromptId, Signature, Spoken, Value};
use crate::desk::DialPrefixes;
use crate::flow::{Effect, Fault, Loaded};
use crate::store::{self, CallKey, Recipient};

/// What flows check against.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "sms-available",
    summary: "Whether the caller can be sent an SMS: the provider sends some, and the number that calls is one that may be \
              called, is not known to be no mobile, and has not had as many as it may.",
    args: &[],
    outcomes: &[Outcome::bare("available"), Outcome::bare("not-available")],
    personal: false,
    secret: false,
};

/// How texts can be sent; by default they cannot.
#[derive(Clone, Debug, Default)]
pub struct SmsSettings {
    /// The profiles whose providers send them for us, each with how many a number is sent in 24 hours.
    pub profiles: BTreeMap<String, u32>,
    /// Which numbers may be sent one.
    pub prefixes: DialPrefixes,
}

impl SmsSettings {
    /// The number that a caller gets texts at, if they can get any, and how many in 24 hours.
    fn recipient<'a>(&self, profile: &str, arrival: &'a Arrival) -> Option<(&'a PhoneNumber, u32)> {
        let number = arrival.caller.as_ref().filter(|number| may_be_mobile(number))?;
        let most = self.profiles.get(profile).copied()?;
        (!arrival.simulated && self.prefixes.allow(number)).then_some((number, most))
    }
}

impl Service {
    /// Whom a text of this call would go to, and how they are counted; `None` if they can get none.
    pub(super) fn text_to(&self, profile: &str, kept: &Kept) -> Option<(PhoneNumber, Recipient)> {
        let (number, most) = self.settings.sms.recipient(profile, &kept.arrival)?;
        // Whoever reads the database cannot tell the number, nor try all there are.
        let hash = self.key.derive(&format!("sms-recipient/{}", number.as_str()));
        Some((number.clone(), Recipient { hash, most }))
    }
}

/// Whether a number is one that gets texts, as far as it tells: China's mobiles have 11 digits and begin with 13 to 19.
fn may_be_mobile(number: &PhoneNumber) -> bool {
    if !number.is_number() || !number.as_str().starts_with('+') {
        return false;
    }
    let Some(national) = number.as_str().strip_prefix("+86") else { return true };
    let mut digits = national.bytes();
    national.len() == 11 && digits.next() == Some(b'1') && digits.next().is_some_and(|second| second >= b'3')
}

/// The answer to `sms-available`.
pub(crate) fn available(can_send: bool) -> super::Answered {
    let outcome = if can_send { "available" } else { "not-available" };
    super::Answered { outcome: outcome.to_owned(), ..super::Answered::unavailable() }
}

/// What of a call a text is made of.
pub(super) struct Around<'a> {
    pub(super) call: CallId,
    pub(super) profile: &'a str,
    pub(super) loaded: &'a Loaded,
    pub(super) key: &'a CallKey,
    pub(super) to: Option<(PhoneNumber, Recipient)>,
}

/// What is written to be sent; nothing for a text that this call has asked for already, or if none can be sent any more.
pub(super) fn to_be_sent(
    effect: &Effect,
    kept: &mut Kept,
    around: &Around<'_>,
    at: crate::call::Timestamp,
) -> Result<Option<store::Effect>, Fault> {
    let missing = |name: &str| Fault::NoValue { path: name.to_owned() };
    let Some(Value::Text(prompt)) = effect.arguments.get("prompt") else { return Err(missing("prompt")) };
    let Some(Value::Record(values)) = effect.arguments.get("values") else { return Err(missing("values")) };
    let (prompt, language) = (PromptId::from(prompt.as_str()), kept.session.language.clone());
    let spoken = Spoken { prompt, language, values: values.clone(), personal: false, slow: false };
    let text = around.loaded.catalogue.written(&spoken).map_err(|_| missing(spoken.prompt.as_str()))?;
    let Some((to, recipient)) = around.to.clone() else {
        tracing::warn!(call.id = %around.call, "a text was asked for that cannot be sent any more");
        return Ok(None);
    };
    if kept.texts.contains(&text) {
        return Ok(None);
    }
    kept.texts.push(text.clone());
    let body = Errand::Sms { to, text }.seal(around.key).map_err(|_| missing("text"))?;
    Ok(Some(store::Effect::Sms { profile: around.profile.to_owned(), to: recipient, body, at }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_can_get_a_text_is_offered_one() {
        let prefixes = DialPrefixes::parse(&["+86".to_owned(), "+1202".to_owned()]).unwrap();
        let settings = SmsSettings { profiles: [("twilio".to_owned(), 5)].into(), prefixes };
        let arrival = |caller: Option<&str>, simulated| Arrival {
            caller: caller.map(|caller| PhoneNumber::parse(caller).unwrap()),
            called: PhoneNumber::parse("12333").unwrap(),
            forwarded_from: None,
            simulated,
        };
        let can = |profile, caller, simulated| settings.recipient(profile, &arrival(caller, simulated)).is_some();
        assert!(can("twilio", Some("+8613800138000"), false) && can("twilio", Some("+12025550123"), false));
        // Another provider, a simulated call, a number that may not be called.
        assert!(!can("signalwire", Some("+8613800138000"), false) && !can("twilio", Some("+8613800138000"), true));
        assert!(!can("twilio", Some("+19005550123"), false));
        // Withheld, landlines, hotlines, what is no number.
        assert!(!can("twilio", None, false));
        for caller in
            ["+862155550123", "+8612012345678", "+86138001380001", "+8612333", "13800138000", "sip:a@b.example"]
        {
            assert!(!can("twilio", Some(caller), false), "{caller}");
        }
        assert!(SmsSettings::default().recipient("twilio", &arrival(Some("+8613800138000"), false)).is_none());
    }
}
