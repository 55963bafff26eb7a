//! `hotline providers`: what to paste where at each provider, and whether its secret is set. Prints no secret.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Context, anyhow};

use crate::call::Kind;
use crate::dialect::{Authentication, PROFILES, Provider, PublicUrl, provider};

/// Stands in the URLs while the public one is not known.
const UNKNOWN_HOST: &str = "https://YOUR-HOST";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the world reaches this installation: scheme, host, perhaps port and path
    #[arg(long, env = "HOTLINE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Only this profile
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let public = match args.public_url.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(PublicUrl::parse(text).context("the public URL (--public-url, HOTLINE_PUBLIC_URL) is not right")?)
        }
        None => None,
    };
    let chosen: Vec<&Provider> = match &args.profile {
        Some(name) => vec![find(name)?],
        None => PROFILES.iter().collect(),
    };
    print!("{}", heading(public.as_ref()));
    for provider in chosen {
        let secrets = std::env::var(provider.secret_variable).ok();
        print!("\n{}", page(provider, public.as_ref(), secrets.as_deref()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The provider with this profile name.
pub(super) fn find(name: &str) -> anyhow::Result<&'static Provider> {
    provider(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> anyhow::Error {
    let names: Vec<&str> = PROFILES.iter().map(|provider| provider.name).collect();
    let close = names.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
    let hint =
        close.filter(|it| strsim::jaro(it, name) > 0.7).map_or(String::new(), |it| format!("; did you mean `{it}`?"));
    anyhow!("there is no profile `{name}`; the profiles are {}{hint}", names.join(", "))
}

fn heading(public: Option<&PublicUrl>) -> String {
    match public {
        None => format!(
            "The public URL is not known: put your own host in place of {UNKNOWN_HOST}, or give it with\n\
             --public-url https://ivr.example.org or HOTLINE_PUBLIC_URL.\n"
        ),
        Some(public) if public.is_loopback() => {
            format!("Public URL: {public}\nNo provider can reach it: it is this machine's own address.\n")
        }
        Some(public) if !public.is_encrypted() => {
            format!("Public URL: {public}\nWhat callers key in is sent to it unencrypted: use https.\n")
        }
        Some(public) => format!("Public URL: {public}\n"),
    }
}

fn page(provider: &Provider, public: Option<&PublicUrl>, secrets: Option<&str>) -> String {
    let profile = provider.profile(Authentication::Secrets(Vec::new()));
    let stand_in = PublicUrl::parse("https://your-host").expect("it is a URL");
    let url = |kind: Kind| {
        let shown = public.unwrap_or(&stand_in);
        let url = if kind == Kind::Arrive { shown.arrivals(&profile) } else { shown.notices(&profile, kind) };
        if public.is_some() { url } else { url.replacen("https://your-host", UNKNOWN_HOST, 1) }
    };
    let paste = &provider.paste;
    let fallback = match paste.fallback {
        Some(field) => format!("{}\n             {field}", url(Kind::Fallback)),
        None => "this provider has no place for one".to_owned(),
    };
    let mut page = String::new();
    let written = write!(
        page,
        "{title} (profile `{name}`)\n  \
           where      {page}\n  \
           voice      {voice}\n             {voice_field}\n  \
           fallback   {fallback}\n  \
           status     {status}\n             {status_field}\n  \
           secret     {variable}: {state}\n             {place}\n",
        title = provider.title,
        name = provider.name,
        page = paste.page,
        voice = url(Kind::Arrive),
        voice_field = paste.voice,
        status = url(Kind::Status),
        status_field = paste.status,
        variable = provider.secret_variable,
        state = state(provider, secrets),
        place = provider.secret_place,
    );
    written.expect("memory takes every write");
    page
}

/// Whether the secret is there and can be one; never what it is.
fn state(provider: &Provider, secrets: Option<&str>) -> String {
    match secrets.filter(|text| !text.is_empty()).map(|text| provider.read_secrets(text)) {
        None => "not set, so the profile is off".to_owned(),
        Some(Ok(Authentication::Secrets(secrets))) if secrets.len() > 1 => {
            format!("set, {} at once", secrets.len())
        }
        Some(Ok(Authentication::Secrets(_) | Authentication::None)) => "set".to_owned(),
        Some(Err(problem)) => format!("set, but cannot be used: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn every_provider_gets_its_urls_and_no_secret_is_shown() {
        let public = PublicUrl::parse("https://ivr.example.org/").unwrap();
        for provider in PROFILES {
            let text = page(provider, Some(&public), Some(TOKEN));
            let base = format!("https://ivr.example.org/voice/{}", provider.name);
            assert!(text.contains(&format!("voice      {base}")), "{text}");
            assert!(text.contains(&format!("{base}/status")), "{text}");
            assert_eq!(text.contains(&format!("{base}/fallback")), provider.paste.fallback.is_some(), "{text}");
            assert!(text.contains("POST") && text.contains(provider.secret_variable), "{text}");
            assert!(!text.contains(TOKEN), "{text}");
        }
    }

    #[test]
    fn twilio_is_told_to_ask_again() {
        let text = page(provider("twilio").unwrap(), None, None);
        assert!(text.contains("https://YOUR-HOST/voice/twilio#rc=2&rp=ct,rt,5xx&rt=5000\n"), "{text}");
        assert!(text.contains("not set"), "{text}");
    }

    #[test]
    fn secrets_are_counted_and_judged() {
        let (twilio, telnyx) = (provider("twilio").unwrap(), provider("telnyx").unwrap());
        for (provider, text, told) in [
            (twilio, None, "not set"),
            (twilio, Some(""), "not set"),
            (twilio, Some(" , "), "cannot be used: no secret"),
            (twilio, Some(TOKEN), "set"),
            (twilio, Some("one, two"), "set, 2 at once"),
            (twilio, Some("令牌"), "cannot be used"),
            (telnyx, Some(TOKEN), "base64"),
            (telnyx, Some("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="), "set"),
        ] {
            assert!(state(provider, text).contains(told), "{}: {}", provider.name, state(provider, text));
        }
    }

    #[test]
    fn what_is_missing_or_odd_about_the_public_url_is_said() {
        let heading = |text: &str| heading(Some(&PublicUrl::parse(text).unwrap()));
        assert!(super::heading(None).contains(UNKNOWN_HOST));
        assert!(heading("http://127.0.0.1:8080").contains("No provider can reach it"));
        assert!(heading("http://ivr.example.org").contains("unencrypted"));
        assert_eq!(heading("https://ivr.example.org"), "Public URL: https://ivr.example.org\n");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let args = |url: Option<&str>, profile: Option<&str>| Args {
            public_url: url.map(str::to_owned),
            profile: profile.map(str::to_owned),
        };
        let wrong = run(&args(Some("ivr.example.org"), None)).unwrap_err();
        assert!(format!("{wrong:#}").contains("https://ivr.example.org"), "{wrong:#}");
        let wrong = run(&args(None, Some("twillio"))).unwrap_err();
        assert!(format!("{wrong:#}").contains("did you mean `twilio`"), "{wrong:#}");
    }
}
