//! Who may log in, for admins: added, given another role or password, let in no more. `hotline operator` does the same
//! where nobody is logged in yet.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};

use super::super::person::{Admin, Visitor, is_own};
use super::look::Look;
use super::{DeskState, html, refusal, trouble};
use crate::call::{Language, Name, PhoneNumber};
use crate::desk::accounts::{self, NewOperator, Operator, Role};
use crate::desk::{DialPrefixes, Undialable};

/// The longest name.
const LONGEST_NAME: usize = 60;

type Written = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "accounts.html")]
struct Page<'a> {
    look: &'a Look,
    operators: Vec<Operator>,
    /// Whose new password is shown, this once.
    issued: Option<(String, SecretString)>,
    written: &'a Written,
    trouble: String,
}

impl Page<'_> {
    fn written(&self, name: &str) -> &str {
        self.written.get(name).map(String::as_str).unwrap_or_default()
    }

    fn is_checked(&self, set: &str, name: &str) -> bool {
        self.written.contains_key(&format!("{set}.{name}"))
    }

    fn password(&self) -> Option<(&str, &str)> {
        self.issued.as_ref().map(|(number, password)| (number.as_str(), password.expose_secret()))
    }

    fn is_me(&self, operator: &Operator) -> bool {
        operator.no == self.look.person.no
    }

    fn languages(&self) -> &[Language] {
        &self.look.loaded.line.languages
    }

    /// The topics of the line, each with its words.
    fn subjects(&self) -> Vec<(String, String)> {
        let topics: std::collections::BTreeSet<&String> = self.look.loaded.line.topics.values().collect();
        topics.into_iter().map(|topic| (topic.clone(), self.subject(topic))).collect()
    }

    fn subject(&self, topic: &str) -> String {
        self.look.word(&format!("word.topic.{topic}"), topic)
    }

    fn speaks(&self, operator: &Operator) -> String {
        let words: Vec<&str> = operator.languages.iter().map(|tag| self.look.language(tag.as_str())).collect();
        words.join(", ")
    }

    fn knows(&self, operator: &Operator) -> String {
        if operator.subjects.is_empty() {
            return self.look.of("全部", "all").to_owned();
        }
        operator.subjects.iter().map(|topic| self.subject(topic.as_str())).collect::<Vec<_>>().join(", ")
    }

    fn rung_at<'o>(&self, operator: &'o Operator) -> &'o str {
        operator.address.as_ref().map_or_else(|| self.look.of("浏览器", "in the browser"), PhoneNumber::as_str)
    }

    fn state(&self, operator: &Operator) -> &'static str {
        match (operator.disabled_at, operator.must_change) {
            (Some(_), _) => self.look.of("已停用", "disabled"),
            (None, true) => self.look.of("要先修改密码", "must change the password"),
            (None, false) => self.look.of("可以登录", "may log in"),
        }
    }
}

pub(super) async fn page(_: Admin, look: Look, State(desk): State<DeskState>) -> Response {
    show(&desk, &look, StatusCode::OK, None, &Written::new(), String::new()).await
}

/// Why a form was not taken.
enum Unfit {
    NotYourself,
    NoSuchThing,
    NoName,
    NoLanguage,
    Address(Undialable),
    Account(accounts::Error),
}

impl From<accounts::Error> for Unfit {
    fn from(error: accounts::Error) -> Self {
        Self::Account(error)
    }
}

/// What a form wants. The CSRF token is in the form, so that the page needs no script.
pub(super) async fn change(Visitor(person): Visitor, State(desk): State<DeskState>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let look = Look::at(&mut parts, &desk, person).await;
    let Ok(Form(written)) = Form::<Written>::from_request(Request::from_parts(parts, body), &desk).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let token = written.get("csrf").map(String::as_str).unwrap_or_default();
    if look.person.role < Role::Admin || look.person.must_change || !is_own(&look.person, token) {
        return refusal::page(StatusCode::FORBIDDEN, refusal::OUT_OF_DATE);
    }
    match done(&desk, &look, &written).await {
        Ok(Some(issued)) => show(&desk, &look, StatusCode::OK, Some(issued), &Written::new(), String::new()).await,
        Ok(None) => {
            let page = format!("/desk/wall/accounts?{}", look.query());
            (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response()
        }
        Err(Unfit::Account(failed @ (accounts::Error::Store(_) | accounts::Error::Hash(_)))) => trouble(&failed.into()),
        Err(unfit) => {
            let told = in_words(&look, &unfit);
            show(&desk, &look, StatusCode::UNPROCESSABLE_ENTITY, None, &written, told).await
        }
    }
}

/// Does it; whose password it is that was issued, if one was.
async fn done(desk: &DeskState, look: &Look, written: &Written) -> Result<Option<(String, SecretString)>, Unfit> {
    let given = |name: &str| written.get(name).map(|text| text.trim()).unwrap_or_default();
    let (number, who, now) = (given("number"), look.person.who(), look.now);
    let accounts = &desk.accounts;
    // Whoever shuts themselves out could not undo it.
    let another = || if number == look.person.number { Err(Unfit::NotYourself) } else { Ok(()) };
    match given("does") {
        "add" => {
            let new = new_operator(look, written, &desk.settings.dial_prefixes)?;
            let issued = accounts.add(who, new, now).await?;
            return Ok(Some((number.to_owned(), issued)));
        }
        "reset" => {
            another()?;
            let issued = accounts.reset(who, number, now).await?;
            return Ok(Some((number.to_owned(), issued)));
        }
        "disable" => {
            another()?;
            accounts.disable(who, number, now).await?;
        }
        "enable" => accounts.enable(who, number, now).await?,
        "role" => {
            another()?;
            let role = Role::parse(given("role")).ok_or(Unfit::NoSuchThing)?;
            accounts.set_role(who, number, role, now).await?;
        }
        _ => return Err(Unfit::NoSuchThing),
    }
    Ok(None)
}

fn new_operator(look: &Look, written: &Written, prefixes: &DialPrefixes) -> Result<NewOperator, Unfit> {
    let given = |name: &str| written.get(name).map(|text| text.trim()).unwrap_or_default();
    let chosen = |prefix: &str| {
        let words = written.keys().filter_map(|name| name.strip_prefix(prefix));
        words.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let name = given("name");
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Unfit::NoName);
    }
    let line = &look.loaded.line;
    let languages: Vec<Language> = chosen("language.").iter().map(|tag| Language::from(tag.as_str())).collect();
    let subjects = chosen("subject.");
    let is_known = languages.iter().all(|language| line.languages.contains(language))
        && subjects.iter().all(|subject| line.topics.values().any(|topic| topic == subject));
    if languages.is_empty() {
        return Err(Unfit::NoLanguage);
    }
    let address = Some(given("address")).filter(|typed| !typed.is_empty());
    Ok(NewOperator {
        number: given("number").to_owned(),
        name: name.to_owned(),
        role: Role::parse(given("role")).filter(|_| is_known).ok_or(Unfit::NoSuchThing)?,
        languages,
        subjects: subjects.iter().map(|subject| Name::from(subject.as_str())).collect(),
        address: address.map(|typed| prefixes.dialable(typed)).transpose().map_err(Unfit::Address)?,
    })
}

fn in_words(look: &Look, unfit: &Unfit) -> String {
    let said = match unfit {
        Unfit::NotYourself => look.of(
            "不能这样改自己的账号；请另一位管理员来改。",
            "Nobody does that to their own account; ask another admin.",
        ),
        Unfit::NoSuchThing => look.of("没有这一项，请重新载入本页。", "There is no such thing; load the page again."),
        Unfit::NoName => look.of("请写姓名，最多 60 个字。", "Write a name, of at most 60 characters."),
        Unfit::NoLanguage => look.of("请至少选一种语言。", "Choose at least one language."),
        Unfit::Address(Undialable::NoAddress) => look.of(
            "振铃地址不对，例：+862155551234 或 sip:desk@pbx.example.org。",
            "This is no address to ring; write +862155551234 or sip:desk@pbx.example.org.",
        ),
        Unfit::Address(Undialable::NotAllowed) => look.of(
            "不允许拨打这样的号码；请把开头加到 hotline.toml 的 dial-prefixes。",
            "Numbers that begin like this are not dialled; add their beginning to dial-prefixes in hotline.toml.",
        ),
        Unfit::Account(accounts::Error::Taken(_)) => {
            look.of("已有这个工号；可以重设它的密码。", "There is this number already; its password can be reset.")
        }
        Unfit::Account(accounts::Error::BadNumber(_)) => {
            look.of("工号是 2 到 8 位数字。", "A number has 2 to 8 digits.")
        }
        Unfit::Account(_) => look.of("没有这个工号。", "There is no such number."),
    };
    said.to_owned()
}

async fn show(
    desk: &DeskState,
    look: &Look,
    status: StatusCode,
    issued: Option<(String, SecretString)>,
    written: &Written,
    told: String,
) -> Response {
    match desk.accounts.list().await {
        Ok(operators) => html(status, &Page { look, operators, issued, written, trouble: told }),
        Err(failed) => trouble(&failed.into()),
    }
}
