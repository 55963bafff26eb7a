//! Whom a demo can be tried as.

use super::{Accounts, Error, NewOperator, Role};
use crate::call::{Language, Timestamp};
use crate::desk::audit::Who;

/// Number, role and password of each: everybody may know them.
pub const DEMO: &[(&str, &str, &str)] = &[
    ("1001", "operator", "demo-operator"),
    ("9001", "supervisor", "demo-supervisor"),
    ("9009", "admin", "demo-admin"),
];

impl Accounts {
    /// Adds those who are not there yet.
    ///
    /// # Errors
    /// Trouble of the database.
    pub async fn add_demo(&self, now: Timestamp) -> Result<(), Error> {
        for (number, role, password) in DEMO {
            let operator = NewOperator {
                number: (*number).to_owned(),
                name: format!("Demo {role}"),
                role: Role::parse(role).unwrap_or(Role::Operator),
                languages: ["zh-CN", "en"].map(Language::from).into(),
                subjects: Vec::new(),
                address: None,
            };
            match self.add_known(Who::command_line("demo"), operator, password, now).await {
                Ok(()) | Err(Error::Taken(_)) => {}
                Err(failed) => return Err(failed),
            }
        }
        Ok(())
    }
}
