//! Our own URLs: the configured public base, and the ones that a document names.

use std::fmt;

use super::Profile;
use crate::call::Kind;

/// Where the world reaches this installation: `https://ivr.example.org`, `http://127.0.0.1:8080`.
///
/// Scheme and host in small letters, a port if it was written, a path prefix without a slash at its end if a proxy
/// serves us below one and takes it off. ASCII only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    prefix: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A text that is no public URL; says what to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    #[error("a public URL starts with https:// (or http://), such as https://ivr.example.org")]
    Scheme,
    #[error("a public URL needs a host name, such as https://ivr.example.org")]
    Host,
    #[error("the host name has an underscore, which providers refuse; use a name of letters, digits, - and .")]
    Underscore,
    #[error("a public URL has no user and password; write https://ivr.example.org")]
    User,
    #[error("the port of a public URL is a number from 1 to 65535, such as https://ivr.example.org:8443")]
    Port,
    #[error(
        "a public URL has no query and no fragment; write only up to the path, such as https://ivr.example.org/line"
    )]
    Query,
    #[error("the path of a public URL has letters, digits and - . _ ~ between single slashes")]
    Path,
}

impl PublicUrl {
    /// Reads a configured URL.
    ///
    /// # Errors
    /// [`BadUrl`] for anything but scheme, host, and perhaps a port and a path.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(BadUrl::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(BadUrl::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(BadUrl::Query);
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = split_port(authority)?;
        Ok(Self { scheme, host: read_host(host)?, port, prefix: read_prefix(path)? })
    }

    /// Whether only this machine can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The host, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port as they are written in an origin.
    #[must_use]
    pub fn authority(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// Whether what is said between the provider and us is encrypted on its way.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// The URL of one of our paths, which starts with `/` and may have a query.
    #[must_use]
    pub fn join(&self, target: &str) -> String {
        format!("{self}{target}")
    }

    /// The URLs that a provider may have signed for a request that came for `target`: some write the default port,
    /// some leave a port out (source: the validators of the providers' own libraries).
    pub(super) fn signed_forms(&self, target: &str) -> [String; 2] {
        let other = match self.port {
            None => Some(self.scheme.port()),
            Some(_) => None,
        };
        [self.join(target), Self { port: other, ..self.clone() }.join(target)]
    }

    /// Where a call of `profile` arrives, `/voice/<profile>`: the URL to paste at the provider.
    #[must_use]
    pub fn arrivals(&self, profile: &Profile) -> String {
        format!("{self}/voice/{}{}", profile.name, fragment(profile))
    }

    /// A URL of `profile` that stands for no step: the fallback and the status callback, also to be pasted.
    #[must_use]
    pub fn notices(&self, profile: &Profile, kind: Kind) -> String {
        format!("{self}/voice/{}/{}{}", profile.name, kind.name(), fragment(profile))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.prefix)
    }
}

fn fragment(profile: &Profile) -> String {
    profile.retry.map_or_else(String::new, |retry| format!("#{retry}"))
}

/// Whether providers ask for a URL like this: absolute, in ASCII, with a host name that they take.
pub(super) fn is_fetchable(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = split_port(authority).and_then(|(host, _)| read_host(host));
    host.is_ok() && url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), BadUrl> {
    if authority.contains('@') {
        return Err(BadUrl::User);
    }
    let after_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority.get(after_host..).and_then(|rest| rest.find(':')) else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_host + colon);
    let digits = port.trim_start_matches(':');
    let fine = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && port.len() == digits.len() + 1;
    let port = if fine { digits.parse().ok().filter(|port| *port != 0) } else { None };
    Ok((host, Some(port.ok_or(BadUrl::Port)?)))
}

fn read_host(host: &str) -> Result<String, BadUrl> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().map(|_| host.to_ascii_lowercase()).map_err(|_| BadUrl::Host);
    }
    if host.contains('_') {
        return Err(BadUrl::Underscore);
    }
    let label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if host.split('.').all(label) { Ok(host.to_ascii_lowercase()) } else { Err(BadUrl::Host) }
}

fn read_prefix(path: &str) -> Result<String, BadUrl> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(plain);
    if path.is_empty() || path.split('/').skip(1).all(segment) { Ok(path.to_owned()) } else { Err(BadUrl::Path) }
}

/// The URLs that a document names: where the provider comes back with what happened.
#[derive(Clone, Copy, Debug)]
pub struct ResumeUrls<'a> {
    pub public: &'a PublicUrl,
    pub profile: &'a Profile,
    /// The token of this turn on this leg, ASCII that needs no escaping in a path.
    pub token: &'a str,
    /// The token of the first turn on the leg that a dial rings.
    pub dialled: &'a str,
}

impl ResumeUrls<'_> {
    /// `https://host/voice/<profile>/<kind>/<token>`, with the profile's retry fragment; no query string.
    #[must_use]
    pub fn url(&self, kind: Kind) -> String {
        let token = match kind {
            Kind::Arrive => return self.public.arrivals(self.profile),
            Kind::Status | Kind::Fallback => return self.public.notices(self.profile, kind),
            Kind::Whisper => self.dialled,
            Kind::Keys | Kind::Silent | Kind::Next | Kind::Dialled | Kind::Recorded | Kind::File | Kind::Talk => {
                self.token
            }
        };
        format!("{}/voice/{}/{}/{token}{}", self.public, self.profile.name, kind.name(), fragment(self.profile))
    }
}

/// What one of our URLs stands for, read back from a provider that names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub profile: &'a str,
    pub kind: Kind,
    /// `None` where the URL is for no step.
    pub token: Option<&'a str>,
}

impl std::fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a URL of `{}` for {:?}", self.profile, self.kind)
    }
}

impl<'a> Place<'a> {
    /// Reads an absolute URL or a path of ours; `None` if it is none. Scheme, host and prefix are not looked at:
    /// the request that names it has been authenticated.
    #[must_use]
    pub fn parse(url: &'a str) -> Option<Self> {
        let path = url.split(['?', '#']).next().unwrap_or(url);
        let (_, ours) = path.rsplit_once("/voice/")?;
        let parts: Vec<&str> = ours.split('/').collect();
        match parts.as_slice() {
            [profile] => Some(Self { profile, kind: Kind::Arrive, token: None }),
            [profile, kind] => Some(Self { profile, kind: Kind::parse(kind)?, token: None }),
            [profile, kind, token] => Some(Self { profile, kind: Kind::parse(kind)?, token: Some(token) }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Authentication, provider};

    #[test]
    fn public_urls_are_read_or_refused_with_a_reason() {
        for (text, read) in [
            ("https://ivr.example.org", "https://ivr.example.org"),
            (" HTTPS://IVR.example.org/ ", "https://ivr.example.org"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://ivr.example.org:443/a/b_c/", "https://ivr.example.org:443/a/b_c"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().to_string(), read, "{text}");
        }
        for (text, why) in [
            ("ivr.example.org", BadUrl::Scheme),
            ("ftp://ivr.example.org", BadUrl::Scheme),
            ("https://", BadUrl::Host),
            ("https:///voice", BadUrl::Host),
            ("https://ivr..org", BadUrl::Host),
            ("https://热线.example.org", BadUrl::Host),
            ("https://[::1", BadUrl::Port),
            ("https://[zz]", BadUrl::Host),
            ("https://my_ivr.example.org", BadUrl::Underscore),
            ("https://user:word@ivr.example.org", BadUrl::User),
            ("https://ivr.example.org:", BadUrl::Port),
            ("https://ivr.example.org:0", BadUrl::Port),
            ("https://ivr.example.org:70000", BadUrl::Port),
            ("https://ivr.example.org:+80", BadUrl::Port),
            ("https://ivr.example.org?a=1", BadUrl::Query),
            ("https://ivr.example.org/#x", BadUrl::Query),
            ("https://ivr.example.org/a//b", BadUrl::Path),
            ("https://ivr.example.org/a/../b", BadUrl::Path),
            ("https://ivr.example.org/a b", BadUrl::Path),
        ] {
            assert_eq!(PublicUrl::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn loopback_is_told_from_the_world() {
        for (text, loopback) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]", true),
            ("http://localhost:3000", true),
            ("https://ivr.example.org", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn every_url_of_ours_is_read_back() {
        let public = PublicUrl::parse("https://ivr.example.org/line").unwrap();
        let profile = provider("twilio").unwrap().profile(Authentication::None);
        let urls = ResumeUrls { public: &public, profile: &profile, token: "T0K", dialled: "LEG" };
        assert_eq!(
            urls.url(Kind::Keys),
            "https://ivr.example.org/line/voice/twilio/keys/T0K#rc=2&rp=ct,rt,5xx&rt=5000"
        );
        assert_eq!(Place::parse(&urls.url(Kind::Arrive)).unwrap().kind, Kind::Arrive);
        for (kind, _) in Kind::ALL {
            let url = urls.url(*kind);
            let token = match kind {
                Kind::Status | Kind::Fallback => None,
                Kind::Whisper => Some("LEG"),
                Kind::Arrive
                | Kind::Keys
                | Kind::Silent
                | Kind::Next
                | Kind::Dialled
                | Kind::Recorded
                | Kind::File
                | Kind::Talk => Some("T0K"),
            };
            assert_eq!(Place::parse(&url), Some(Place { profile: "twilio", kind: *kind, token }));
            assert!(url.is_ascii() && !url.contains('?'), "{url}");
        }
        for other in
            ["", "https://ivr.example.org/", "https://ivr.example.org/voice/twilio/bogus/T0K", "/voice/a/keys/b/c"]
        {
            assert_eq!(Place::parse(other), None, "{other}");
        }
    }
}
