//! `calendar.yaml`: when people answer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::yaml::At;

/// Hours and holidays of a line, in its time zone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct CalendarFile {
    /// The version of the format: 1.
    #[schemars(extend("const" = super::FORMAT))]
    pub format: At<u32>,
    /// When operators begin on a working day, `09:00`.
    pub opens: At<String>,
    /// When they stop, `17:00`.
    pub closes: At<String>,
    /// The published table of each year. In a year without one, Monday to Friday are working days.
    pub years: At<BTreeMap<String, At<YearTable>>>,
}

/// What differs from Monday to Friday in one year.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct YearTable {
    /// Holidays: days (`2026-01-01`) or runs of days (`2026-01-01..2026-01-03`).
    pub off: At<Vec<At<String>>>,
    /// Weekend days that are worked (调休).
    pub work: At<Vec<At<String>>>,
}
