//! The rows of the tables of members, as Rust values: what the demo makes, `members import` reads, and lookups find.
//!
//! It is *not* how a caller hears them; each lookup's own file turns them into values.

use std::sync::Arc;

use jiff::civil::Date;

use crate::call::{IdNumber, YearMonth};

/// Enums whose words stand in the database, in files and in flows.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every variant, in the order in which they are listed here.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in the database, in files and in flows.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant with this word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == word)
            }
        }
    )+};
}

words! {
    Sex { Male = "male", Female = "female" }
    /// Kind of identity document.
    DocType { Citizen = "citizen", HmtPermit = "hmt-permit", ForeignPr = "foreign-pr", Other = "other" }
    /// 人员参保状态.
    MemberStatus { Active = "active", Paused = "paused", Ended = "ended", Retired = "retired" }
    /// 险种类型; medical has maternity in it.
    Insurance { Pension = "pension", Medical = "medical", Unemployment = "unemployment", Injury = "injury" }
    /// 缴费类别.
    PaymentKind { Normal = "normal", BackPaid = "back-paid", Arrears = "arrears", Refund = "refund" }
    /// What a caller hears of a payment.
    PaymentStatus {
        Paid = "paid", Processing = "processing", Arrears = "arrears", BackPaid = "back-paid",
        Refunded = "refunded", Deferred = "deferred", NotInsured = "not-insured",
    }
    /// State of a medical account; figures are read from a normal one only.
    AccountState { Normal = "normal", Sealed = "sealed", Frozen = "frozen", Closed = "closed" }
    /// How outpatient costs are paid now.
    Stage { Account = "account", SelfPay = "self-pay", CoPay = "co-pay" }
    /// Type of a filing for treatment elsewhere: the first three hold until changed, the others for a time.
    Filing {
        Resettled = "resettled", Resident = "resident", Posted = "posted",
        Referral = "referral", Emergency = "emergency", Temporary = "temporary",
    }
    FilingState {
        Active = "active", Pending = "pending", Rejected = "rejected", Expired = "expired", Cancelled = "cancelled",
    }
    /// Where somebody is treated.
    Place {
        Beijing = "beijing", Shanghai = "shanghai", Guangzhou = "guangzhou", Shenzhen = "shenzhen",
        Hangzhou = "hangzhou", Chengdu = "chengdu", Wuhan = "wuhan", Xian = "xian", Other = "other",
    }
}

impl PaymentStatus {
    /// Whether the money has come, in time or later: the only rows that are summed.
    #[must_use]
    pub const fn has_come(self) -> bool {
        match self {
            Self::Paid | Self::BackPaid => true,
            Self::Processing | Self::Arrears | Self::Refunded | Self::Deferred | Self::NotInsured => false,
        }
    }

    /// Whether something was due for the month.
    #[must_use]
    pub const fn is_due(self) -> bool {
        match self {
            Self::Paid | Self::Processing | Self::Arrears | Self::BackPaid | Self::Deferred => true,
            Self::Refunded | Self::NotInsured => false,
        }
    }
}

/// An insured person. Sex and birth follow from the identity number, the card's digits from the card.
#[derive(Clone)]
pub struct Member {
    /// The bureau's own number of the person.
    pub person_no: Arc<str>,
    pub id: IdNumber,
    pub name: String,
    pub doc_type: DocType,
    pub card_no: Option<String>,
    pub phone: Option<String>,
    pub status: MemberStatus,
    pub first_joined: Option<Date>,
}

impl Member {
    /// Character 17 of the identity number decides: odd is male.
    #[must_use]
    pub fn sex(&self) -> Sex {
        match self.id.as_str().as_bytes().get(16) {
            Some(digit) if digit % 2 == 1 => Sex::Male,
            Some(_) | None => Sex::Female,
        }
    }

    /// What a caller can key in of the card number.
    #[must_use]
    pub fn card_digits(&self) -> Option<String> {
        self.card_no.as_deref().map(digits_of)
    }
}

/// The digits in a text, in order.
#[must_use]
pub fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[derive(Clone)]
pub struct Employer {
    pub employer_no: Arc<str>,
    pub employer_name: String,
}

/// A medical-insurance personal account; amounts in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub person_no: Arc<str>,
    pub state: AccountState,
    pub as_of: Date,
    pub current: i64,
    pub previous: i64,
    pub self_pay_standard: i64,
    pub self_pay_used: i64,
}

impl Account {
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.current + self.previous
    }

    /// Account while there is current-year money, then self-pay up to the standard, then co-pay (domain reference 2.4).
    #[must_use]
    pub const fn stage(&self) -> Stage {
        if self.current > 0 {
            Stage::Account
        } else if self.self_pay_used < self.self_pay_standard {
            Stage::SelfPay
        } else {
            Stage::CoPay
        }
    }
}

/// The medical year that a day is in, named by the year in which it begins: 1 July to 30 June.
#[must_use]
pub fn medical_year(day: Date) -> i16 {
    if day.month() >= 7 { day.year() } else { day.year() - 1 }
}

/// Outpatient costs of a medical year, in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs {
    pub person_no: Arc<str>,
    pub medical_year: i16,
    pub fund: i64,
    pub account: i64,
    pub cash: i64,
}

impl Costs {
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.fund + self.account + self.cash
    }
}

/// Money that was credited to a current-year account, in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    pub person_no: Arc<str>,
    pub credited_on: Date,
    pub amount: i64,
}

/// One payment: one row per person, insurance, month, employer and kind; amounts in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub person_no: Arc<str>,
    /// The month that it is for.
    pub for_period: YearMonth,
    pub insurance: Insurance,
    pub employer_no: Arc<str>,
    pub kind: PaymentKind,
    pub base: i64,
    pub employer_amount: i64,
    pub personal: i64,
    pub status: PaymentStatus,
    /// The month in which it was settled; `None` while it is not.
    pub settled_period: Option<YearMonth>,
}

/// The summary of a personal rights record: months per insurance, amounts in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub person_no: Arc<str>,
    pub as_of: Date,
    pub pension_months: i64,
    pub medical_months: i64,
    pub unemployment_months: i64,
    pub injury_months: i64,
    pub pension_account: i64,
    /// Months paid in the last year, at most 12.
    pub year_months: i64,
    pub interest: i64,
}

/// A filing for treatment elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFiling {
    pub person_no: Arc<str>,
    pub filed_on: Date,
    pub place: Place,
    pub filing: Filing,
    pub state: FilingState,
    pub valid_from: Option<Date>,
    /// The last day; `None` if it holds until changed.
    pub valid_until: Option<Date>,
}

/// A PIN as it is kept.
#[derive(Clone)]
pub struct StoredPin {
    pub person_no: Arc<str>,
    pub hash: String,
    pub initial: bool,
    pub set_at: crate::call::Timestamp,
}

/// A month as a number, 202603.
#[must_use]
pub fn month_number(month: YearMonth) -> i64 {
    i64::from(month.year()) * 100 + i64::from(month.month())
}

/// The month of a number, if it is one.
#[must_use]
pub fn month_of(number: i64) -> Option<YearMonth> {
    YearMonth::new(i16::try_from(number / 100).ok()?, i8::try_from(number % 100).ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::inconsistent_digit_grouping,
        clippy::mistyped_literal_suffixes,
        reason = "1_023_05 is 1,023.05 yuan in fen"
    )]

    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_medical_year_begins_in_july() {
        assert_eq!(medical_year(date(2026, 6, 30)), 2025);
        assert_eq!(medical_year(date(2026, 7, 1)), 2026);
    }

    #[test]
    fn stages_follow_from_the_money() {
        let account = |current, self_pay_used| Account {
            person_no: "d1".into(),
            state: AccountState::Normal,
            as_of: date(2026, 3, 31),
            current,
            previous: 100_00,
            self_pay_standard: 500_00,
            self_pay_used,
        };
        assert_eq!(account(1, 0).stage(), Stage::Account);
        assert_eq!(account(0, 499_99).stage(), Stage::SelfPay);
        assert_eq!(account(0, 500_00).stage(), Stage::CoPay);
        assert_eq!(account(5, 0).total(), 100_05);
    }

    #[test]
    fn months_are_numbers_and_back() {
        let march = YearMonth::new(2026, 3).unwrap();
        assert_eq!((month_number(march), month_of(202_603)), (202_603, Some(march)));
        assert_eq!(month_of(202_613), None);
    }
}
