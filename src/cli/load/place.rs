//! Which server is called, as which provider, and whether it may be.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::cli::replay::DataPlace;
use crate::cli::secret_file;
use crate::dialect::{Profile, PublicUrl};
use crate::simulator::embedded;
use crate::simulator::load::{NotWorth, Route};

/// Where a server of this machine is, if nothing else was said to it.
const HERE: &str = "http://127.0.0.1:8080";

#[derive(Debug, clap::Args)]
pub(super) struct Whom {
    /// The server [default: http://127.0.0.1:8080]; one that is not on this machine has to be given, and is asked about
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
    /// Calls a server on another machine without a question
    #[arg(long)]
    yes: bool,
}

/// A server that can be called.
pub(super) struct Target {
    pub(super) profile: Profile,
    pub(super) public: PublicUrl,
    pub(super) route: Route,
    pub(super) on_this_machine: bool,
}

impl Whom {
    pub(super) fn target(&self) -> anyhow::Result<Target> {
        let url = self.url.as_deref().unwrap_or(HERE);
        let reached = PublicUrl::parse(url).with_context(|| format!("{url} is no server"))?;
        let public = self.public_url.as_deref().map(PublicUrl::parse).transpose().context("--public-url")?;
        let public = public.unwrap_or_else(|| reached.clone());
        let route = Route { public: public.to_string(), reached: reached.to_string() };
        Ok(Target { profile: self.profile()?, public, route, on_this_machine: reached.is_loopback() })
    }

    fn profile(&self) -> anyhow::Result<Profile> {
        let config = DataPlace { data: self.data.clone(), config: None }.config()?;
        if self.profile == embedded::NAME {
            let file = config.data.join(embedded::SECRET_FILE);
            let secret = match std::env::var(embedded::SECRET_VARIABLE) {
                Ok(secret) => Some(secret.trim().to_owned()),
                Err(_) => secret_file::load(&file)?,
            };
            let secret = secret.with_context(|| {
                format!(
                    "there is no {}; name the data folder of the server with --data, or set {} to what is in that file. \
                     `serve --demo` makes it",
                    file.display(),
                    embedded::SECRET_VARIABLE
                )
            })?;
            return Ok(embedded::profile(&secret)?);
        }
        let provider = crate::cli::providers::find(&self.profile)?;
        let profile = config.profiles()?.remove(&self.profile);
        profile.with_context(|| format!("set {} to the secret that the server has", provider.secret_variable))
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
