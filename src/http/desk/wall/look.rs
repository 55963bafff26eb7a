//! How a page of the wall is looked at: by whom, in which language, of which line.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use jiff::Zoned;
use serde::Deserialize;

use super::super::{DeskState, Supervisor};
use crate::call::{Language, Timestamp};
use crate::desk::accounts::{Person, Role};
use crate::desk::figures::Scope;
use crate::flow::Loaded;

/// A supervisor who looks at a page.
#[derive(Clone)]
pub(super) struct Look {
    pub(super) person: Person,
    pub(super) tongue: Tongue,
    pub(super) loaded: Arc<Loaded>,
    pub(super) scope: Scope,
    pub(super) now: Timestamp,
    /// Of the page, for the link to the other language.
    path: String,
    /// Names of all lines, if there are several.
    pub(super) lines: Vec<String>,
}

/// What pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    Chinese,
    English,
}

impl Tongue {
    /// Of two texts the one that is understood.
    pub(super) const fn of<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    fn parse(tag: &str) -> Option<Self> {
        match tag.split('-').next() {
            Some("zh") => Some(Self::Chinese),
            Some("en") => Some(Self::English),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
    line: Option<String>,
}

impl FromRequestParts<DeskState> for Look {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &DeskState) -> Result<Self, Response> {
        let Supervisor(person) = Supervisor::from_request_parts(parts, desk).await?;
        Ok(Self::at(parts, desk, person).await)
    }
}

impl Look {
    /// How somebody looks who may.
    pub(super) async fn at(parts: &mut Parts, desk: &DeskState, person: Person) -> Self {
        let asked: Result<Query<Asked>, _> = Query::from_request_parts(parts, desk).await;
        let Query(asked) = asked.unwrap_or(Query(Asked { lang: None, line: None }));
        let tongue = asked.lang.as_deref().and_then(Tongue::parse);
        let reached = desk.service.lines().reached();
        let loaded = desk.service.lines().named(asked.line.as_deref().unwrap_or_default());
        let scope = Scope { line: loaded.line.name.to_string(), simulated: desk.settings.demo };
        let lines = reached.iter().map(|(loaded, _)| loaded.line.name.to_string()).collect::<Vec<_>>();
        let lines = if lines.len() > 1 { lines } else { Vec::new() };
        Self {
            person,
            tongue: tongue.unwrap_or_else(|| liked(&parts.headers)),
            loaded,
            scope,
            now: desk.clock.now(),
            path: parts.uri.path().to_owned(),
            lines,
        }
    }

    /// Of two texts the one that is understood.
    pub(super) const fn of<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        self.tongue.of(chinese, english)
    }

    /// The language of the pages, as HTML names it.
    pub(super) const fn lang(&self) -> &'static str {
        self.tongue.of("zh-CN", "en")
    }

    /// The page in the other language.
    pub(super) fn other(&self) -> String {
        format!("{}?{}", self.path, self.query_in(self.tongue.of("en", "zh")))
    }

    /// What every link carries on: language and line.
    pub(super) fn query(&self) -> String {
        self.query_in(self.tongue.of("zh", "en"))
    }

    fn query_in(&self, lang: &str) -> String {
        let line = if self.lines.is_empty() { String::new() } else { format!("&line={}", self.scope.line) };
        format!("lang={lang}{line}")
    }

    /// Which page it is, for the list of pages.
    pub(super) fn is(&self, path: &str) -> bool {
        self.path == path
    }

    /// The pages of the wall that are for who looks.
    pub(super) fn pages(&self) -> Vec<(&'static str, &'static str)> {
        let mut pages = vec![
            ("/desk/wall", self.of("大屏", "Wall")),
            ("/desk/wall/days", self.of("历史", "Days")),
            ("/desk/wall/calls", self.of("通话", "Calls")),
            ("/desk/wall/switches", self.of("开关", "Switches")),
            ("/desk/wall/audit", self.of("审计", "Audit")),
        ];
        if self.person.role >= Role::Admin {
            pages.push(("/desk/wall/accounts", self.of("账号", "Accounts")));
        }
        pages
    }

    /// The tables that can be had as files.
    pub(super) const fn exports(&self) -> [(&'static str, &'static str); 5] {
        [
            ("times", self.of("分时数据", "by time")),
            ("tasks", self.of("业务", "tasks")),
            ("hung-up", self.of("挂机节点", "where callers leave")),
            ("asked-again", self.of("无按键或按错", "silent or wrong")),
            ("causes", self.of("结束原因", "why calls ended")),
        ]
    }

    /// The switches that are on or off: word, title, what it does.
    pub(super) const fn flags(&self) -> [(&'static str, &'static str, &'static str); 2] {
        [
            (
                "closed-today",
                self.of("今天不上班", "Closed today"),
                self.of("不论日历，今天没有人工。", "Nobody answers today, whatever the calendar says."),
            ),
            (
                "direct-to-operator",
                self.of("直接转人工", "Straight to a person"),
                self.of("来电先到人工，自助在后。", "Callers reach a person first; self-service is the overflow."),
            ),
        ]
    }

    /// An instant on the clock of the line.
    pub(super) fn local(&self, at: Timestamp) -> Zoned {
        at.in_zone(&self.loaded.line.zone)
    }

    /// `2026-03-31 10:00:07`.
    pub(super) fn clock(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// A word of the line's prompts, in the language of the page if the line speaks it.
    pub(super) fn word(&self, prompt: &str, word: &str) -> String {
        let line = &self.loaded.line;
        let mut languages = line.languages.iter().filter(|known| Tongue::parse(known.as_str()) == Some(self.tongue));
        let language: &Language = languages.next().unwrap_or_else(|| line.first_language());
        self.loaded.catalogue.text(prompt, language).unwrap_or_else(|| word.to_owned())
    }
}

/// What the browser would like; else Chinese.
fn liked(headers: &HeaderMap) -> Tongue {
    let tags = headers.get(header::ACCEPT_LANGUAGE).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    tags.split(',').find_map(|tag| Tongue::parse(tag.trim())).unwrap_or(Tongue::Chinese)
}
