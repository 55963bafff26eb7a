//! Which server is called, as which provider, and whether it may be.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::cli::phone::signing;
use crate::cli::replay::DataPlace;
use crate::dialect::{Profile, PublicUrl};
use crate::simulator::load::{NotWorth, Route};
use crate::simulator::{Http, embedded};

/// Where a server of this machine is, if nothing else was said to it.
const HERE: &str = "http://127.0.0.1:8080";

#[derive(Debug, clap::Args)]
pub(super) struct Whom {
    /// The server [default: <http://127.0.0.1:8080>]; one that is not on this machine has to be given, and is asked about
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// What the server is told to be reached at (`serve --public-url`), if that is not URL: requests are signed for it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The provider as which calls come in
    #[arg(long, value_name = "NAME", default_value = embedded::NAME)]
    profile: String,
    /// The data folder of the server, for the secret of `embedded` [default: that of the settings file, else data]
    #[arg(long, value_name = "DIR", env = "HOTLINE_DATA")]
    data: Option<PathBuf>,
    /// A PEM file with the certificate of a server that nobody vouches for, or of who does
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Calls a server on another machine without a question
    #[arg(long)]
    yes: bool,
}

/// A server that can be called.
pub(super) struct Target {
    pub(super) profile: Profile,
    pub(super) public: PublicUrl,
    pub(super) route: Route,
    /// A connection that believes the server.
    pub(super) http: Http,
    pub(super) on_this_machine: bool,
}

impl Whom {
    pub(super) fn target(&self) -> anyhow::Result<Target> {
        let url = self.url.as_deref().unwrap_or(HERE);
        let reached = PublicUrl::parse(url).with_context(|| format!("{url} is no server"))?;
        let public = self.public_url.as_deref().map(PublicUrl::parse).transpose().context("--public-url")?;
        let public = public.unwrap_or_else(|| reached.clone());
        let route = Route { public: public.to_string(), reached: reached.to_string() };
        let profile = signing(&self.profile, &DataPlace { data: self.data.clone(), config: None }.config()?)?;
        let http = if reached.is_encrypted() { Http::trusting(self.ca.as_deref())? } else { Http::default() };
        Ok(Target { profile, public, route, http, on_this_machine: reached.is_loopback() })
    }

    /// Whether the server may be called: on another machine only if somebody who sees what is going to be done says so.
    pub(super) fn may_call(&self, target: &Target) -> anyhow::Result<bool> {
        if target.on_this_machine || self.yes {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            bail!("{} is not this machine; if that server is yours to load, say so with --yes", target.route.reached);
        }
        eprint!("{} is not this machine. Is that server yours to load? Type yes: ", target.route.reached);
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        Ok(answer.trim() == "yes")
    }
}

/// What to do next, where that can be told.
pub(super) fn hint(trouble: &NotWorth) -> &'static str {
    let NotWorth::Trouble { why, .. } = trouble else { return "" };
    match why.as_str() {
        "status 403" => {
            "; the server does not take the signature: is the secret its own (--data), and URL what it is told to be \
             reached at (--public-url)?"
        }
        "status 404" => "; the server has no such --profile: `embedded` is there with `serve --demo`",
        _ => "",
    }
}
