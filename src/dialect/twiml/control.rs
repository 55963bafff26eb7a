//! What is asked of the provider's REST API (source: <https://www.twilio.com/docs/voice/api/call-resource>,
//! <https://www.twilio.com/docs/messaging/api/message-resource>,
//! <https://www.twilio.com/docs/voice/api/recording>).

use base64::prelude::*;

use crate::call::PhoneNumber;
use crate::dialect::xml::Xml;
use crate::dialect::{Account, Control, OutRequest};

/// The longest text of an SMS, characters.
pub(super) const LONGEST_SMS: usize = 1_600;

/// The request that has the provider do `control`.
pub(super) fn request(account: &Account, control: &Control) -> OutRequest {
    let method = if matches!(control, Control::DeleteRecording { .. }) { "DELETE" } else { "POST" };
    let (resource, fields) = match control {
        Control::DeleteRecording { url } => (format!("Recordings/{}", path_segment(recording(url))), Vec::new()),
        Control::Redirect { leg, url } => {
            (format!("Calls/{}", path_segment(leg)), vec![("Method", "POST".to_owned()), ("Url", url.clone())])
        }
        Control::Join { first, second, from } => {
            let fields = [("To", first.as_str()), ("From", from.as_str()), ("Twiml", &join(second, from))];
            ("Calls".to_owned(), fields.map(|(name, value)| (name, value.to_owned())).into())
        }
        Control::Sms { to, from, text } => {
            let text: String = text.chars().take(LONGEST_SMS).collect();
            let fields = [("To", to.as_str()), ("From", from.as_str()), ("Body", &text)];
            ("Messages".to_owned(), fields.map(|(name, value)| (name, value.to_owned())).into())
        }
    };
    let url = format!("{}/2010-04-01/Accounts/{}/{resource}.json", account.url, path_segment(&account.id));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let user = format!("{}:{}", account.user, account.secret());
    OutRequest {
        method,
        url,
        headers: vec![
            ("authorization", format!("Basic {}", BASE64_STANDARD.encode(user))),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("accept", "application/json".to_owned()),
        ],
        body: form.finish().into_bytes(),
    }
}

/// The id of a recording, which stands last in its URL.
fn recording(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split('.').next().unwrap_or(file)
}

/// The document for whoever has answered: it rings the other.
fn join(number: &PhoneNumber, from: &PhoneNumber) -> String {
    let mut xml = Xml::new();
    xml.open("Response", &[]);
    let address = number.as_str();
    let is_sip = address.starts_with("sip:") || address.starts_with("sips:");
    let caller = [("callerId", from.as_str())];
    xml.open("Dial", if is_sip { &[] } else { &caller });
    xml.text(if is_sip { "Sip" } else { "Number" }, &[], address);
    xml.close("Dial");
    xml.close("Response");
    String::from_utf8(xml.finish()).unwrap_or_default()
}

/// Ids of providers are letters and digits; what else came as one must not leave its place in the path.
fn path_segment(id: &str) -> String {
    id.bytes().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).map(char::from).collect()
}
