//! Every dialect against what providers really send and take: requests and signatures in, documents out and back.

pub(crate) mod documents;
mod requests;
mod signatures;

use hotline::call::{Kind, Timestamp};
use hotline::dialect::{ALL, Authentication, OutRequest, PROFILES, Profile, PublicUrl, RawRequest, Secret, provider};

/// The token of the published signatures.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

fn public() -> PublicUrl {
    PublicUrl::parse("https://ivr.example.org").unwrap()
}

/// The profile of a provider with a secret that can sign.
fn profile(name: &str) -> Profile {
    let provider = provider(name).unwrap();
    let secret = if name == "telnyx" { Secret::Seed([7; 32]) } else { Secret::Token(TOKEN.into()) };
    provider.profile(Authentication::Secrets(vec![secret]))
}

fn profiles() -> Vec<Profile> {
    PROFILES.iter().map(|provider| profile(provider.name)).collect()
}

/// Gives the parts of a request to `check` as a server sees them: the URL is ours, the target is what follows it.
fn with_request<R>(kind: Kind, public: &PublicUrl, out: &OutRequest, check: impl FnOnce(&RawRequest<'_>) -> R) -> R {
    let headers: Vec<(&str, &[u8])> = out.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let base = public.to_string();
    let target = out.url.strip_prefix(&base).unwrap();
    check(&RawRequest { kind, method: out.method, public, target, headers: &headers, body: &out.body })
}

#[test]
fn every_dialect_and_every_profile_has_its_documents() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects");
    for dialect in ALL {
        assert!(folder.join(dialect.name()).is_dir(), "tests/dialects/{} is missing", dialect.name());
    }
    for provider in PROFILES {
        let folder = folder.join(provider.dialect.name()).join(provider.name);
        for (name, _) in documents::replies() {
            let there =
                folder.join(format!("{name}.xml")).is_file() || folder.join(format!("{name}.refused")).is_file();
            assert!(there, "{} has no document for {name}", provider.name);
        }
    }
}
