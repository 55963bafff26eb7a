//! What is unusual about a demo person: one line each for the showcase, by chance for all others.

use super::super::records::{Filing, FilingState, MemberStatus, Place};
use super::{FilingStory, SHOWCASE, draw};
use crate::call::YearMonth;

/// How somebody's payments went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaymentStory {
    Regular,
    /// Two employers in one month, the second ever after.
    TwoEmployers,
    BackPaid,
    Arrears,
    /// More than twelve months.
    ManyArrears,
    LastMissing,
    LastProcessing,
    /// Paid, and paid back.
    Refunded,
    Deferred,
    /// Some months without a record, and one that says so.
    Gap,
    /// None since a year.
    Paused,
    /// The first ones lately.
    JustJoined,
    /// Until they retired, if that was lately.
    Retired,
    /// Ended long ago: no records at all.
    NeverSince,
}

/// How somebody's medical account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AccountStory {
    AccountStage,
    SelfPayStage,
    CoPayStage,
    Empty,
    Sealed,
    Frozen,
    Closed,
    NoAccount,
}

/// How somebody's PIN stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PinStory {
    Set,
    Initial,
    NotSetUp,
}

/// What somebody earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wage {
    /// That of the worked example.
    Example,
    Usual,
    /// Above the upper limit of the base.
    High,
    /// Below the lower one.
    Low,
}

#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) payments: PaymentStory,
    pub(super) account: AccountStory,
    pub(super) pin: PinStory,
    pub(super) filing: Option<FilingStory>,
    pub(super) wage: Wage,
    pub(super) shares_card_digits: bool,
    pub(super) status: MemberStatus,
    pub(super) state: Vec<&'static str>,
}

const REGULAR: Story = Story {
    payments: PaymentStory::Regular,
    account: AccountStory::AccountStage,
    pin: PinStory::Set,
    filing: None,
    wage: Wage::Usual,
    shares_card_digits: false,
    status: MemberStatus::Active,
    state: Vec::new(),
};

/// The story of person `k`, who retires in month `retires`.
pub(super) fn of(k: u32, retires: YearMonth) -> Story {
    let mut story = if k < SHOWCASE { showcase(k) } else { by_chance(k) };
    if retires <= super::payment::last_month() && story.payments != PaymentStory::NeverSince {
        story.payments = PaymentStory::Retired;
        story.status = MemberStatus::Retired;
    }
    story.state = words(&story);
    story
}

fn showcase(k: u32) -> Story {
    use AccountStory::{Closed, CoPayStage, Empty, Frozen, NoAccount, Sealed, SelfPayStage};
    use Filing::{Emergency, Posted, Referral, Resettled, Resident, Temporary};
    use FilingState::{Active, Cancelled, Expired, Pending, Rejected};

    let payments = |payments| Story { payments, ..REGULAR };
    let account = |account| Story { account, ..REGULAR };
    let filing = |filing, state, place| Story { filing: Some((filing, state, place)), ..REGULAR };
    match k {
        0 => Story { wage: Wage::Example, ..REGULAR },
        1 => payments(PaymentStory::TwoEmployers),
        2 => payments(PaymentStory::BackPaid),
        3 => payments(PaymentStory::JustJoined),
        4 => payments(PaymentStory::Arrears),
        // 5 has retired.
        6 => payments(PaymentStory::ManyArrears),
        7 => payments(PaymentStory::LastMissing),
        8 => payments(PaymentStory::LastProcessing),
        9 => payments(PaymentStory::Refunded),
        10 => payments(PaymentStory::Deferred),
        11 => payments(PaymentStory::Gap),
        12 => account(Sealed),
        13 => account(Frozen),
        14 => account(Closed),
        15 => account(SelfPayStage),
        16 => account(CoPayStage),
        17 => Story { pin: PinStory::Initial, ..REGULAR },
        18 => Story { pin: PinStory::NotSetUp, ..REGULAR },
        19 => account(NoAccount),
        20..=22 => Story { shares_card_digits: true, ..REGULAR },
        23 => filing(Resettled, Active, Place::Hangzhou),
        24 => filing(Temporary, Active, Place::Beijing),
        25 => filing(Referral, Pending, Place::Guangzhou),
        26 => filing(Referral, Rejected, Place::Shenzhen),
        27 => filing(Temporary, Expired, Place::Chengdu),
        28 => filing(Resident, Cancelled, Place::Wuhan),
        29 => filing(Resident, Active, Place::Xian),
        30 => filing(Posted, Active, Place::Shanghai),
        31 => filing(Referral, Active, Place::Other),
        32 => filing(Emergency, Active, Place::Guangzhou),
        33 => Story { status: MemberStatus::Paused, ..payments(PaymentStory::Paused) },
        34 => Story { status: MemberStatus::Ended, ..payments(PaymentStory::NeverSince) },
        35 => account(Empty),
        36 => Story { wage: Wage::High, ..REGULAR },
        37 => Story { wage: Wage::Low, ..REGULAR },
        38 => Story { account: CoPayStage, ..payments(PaymentStory::Arrears) },
        39 => Story { pin: PinStory::Initial, ..payments(PaymentStory::BackPaid) },
        _ => REGULAR,
    }
}

fn by_chance(k: u32) -> Story {
    let payments = match draw(k, 10, 100) {
        0..=1 => PaymentStory::TwoEmployers,
        2..=3 => PaymentStory::BackPaid,
        4..=6 => PaymentStory::Arrears,
        7 => PaymentStory::ManyArrears,
        8..=9 => PaymentStory::LastMissing,
        10 => PaymentStory::LastProcessing,
        11 => PaymentStory::Refunded,
        12 => PaymentStory::Deferred,
        13 => PaymentStory::Gap,
        14..=15 => PaymentStory::Paused,
        16..=18 => PaymentStory::JustJoined,
        19 => PaymentStory::NeverSince,
        _ => PaymentStory::Regular,
    };
    let account = match draw(k, 11, 100) {
        0 => AccountStory::Sealed,
        1 => AccountStory::Frozen,
        2 => AccountStory::Closed,
        3 => AccountStory::NoAccount,
        4 => AccountStory::Empty,
        5..=29 => AccountStory::SelfPayStage,
        30..=44 => AccountStory::CoPayStage,
        _ => AccountStory::AccountStage,
    };
    let pin = match draw(k, 12, 100) {
        0..=3 => PinStory::Initial,
        4..=5 => PinStory::NotSetUp,
        _ => PinStory::Set,
    };
    let wage = match draw(k, 13, 100) {
        0..=3 => Wage::High,
        4..=9 => Wage::Low,
        _ => Wage::Usual,
    };
    let filing = match draw(k, 14, 100) {
        0 => Some((Filing::Resettled, FilingState::Active, Place::Hangzhou)),
        1 => Some((Filing::Temporary, FilingState::Active, Place::Beijing)),
        2 => Some((Filing::Referral, FilingState::Pending, Place::Chengdu)),
        _ => None,
    };
    let status = match payments {
        PaymentStory::Paused => MemberStatus::Paused,
        PaymentStory::NeverSince => MemberStatus::Ended,
        PaymentStory::Regular
        | PaymentStory::TwoEmployers
        | PaymentStory::BackPaid
        | PaymentStory::Arrears
        | PaymentStory::ManyArrears
        | PaymentStory::LastMissing
        | PaymentStory::LastProcessing
        | PaymentStory::Refunded
        | PaymentStory::Deferred
        | PaymentStory::Gap
        | PaymentStory::JustJoined
        | PaymentStory::Retired => MemberStatus::Active,
    };
    Story { payments, account, pin, filing, wage, status, ..REGULAR }
}

fn words(story: &Story) -> Vec<&'static str> {
    let payments = match story.payments {
        PaymentStory::Regular => "",
        PaymentStory::TwoEmployers => "two-employers",
        PaymentStory::BackPaid => "back-paid",
        PaymentStory::Arrears => "arrears",
        PaymentStory::ManyArrears => "many-arrears",
        PaymentStory::LastMissing => "last-month-missing",
        PaymentStory::LastProcessing => "last-month-processing",
        PaymentStory::Refunded => "refunded",
        PaymentStory::Deferred => "deferred",
        PaymentStory::Gap => "gap",
        PaymentStory::Paused => "paused",
        PaymentStory::JustJoined => "just-joined",
        PaymentStory::Retired => "retired",
        PaymentStory::NeverSince => "no-records",
    };
    let account = match story.account {
        AccountStory::AccountStage => "",
        AccountStory::SelfPayStage => "self-pay-stage",
        AccountStory::CoPayStage => "co-pay-stage",
        AccountStory::Empty => "account-empty",
        AccountStory::Sealed => "account-sealed",
        AccountStory::Frozen => "account-frozen",
        AccountStory::Closed => "account-closed",
        AccountStory::NoAccount => "no-account",
    };
    let pin = match story.pin {
        PinStory::Set => "",
        PinStory::Initial => "initial-pin",
        PinStory::NotSetUp => "no-pin",
    };
    let filing = match story.filing.map(|(_, state, _)| state) {
        None => "",
        Some(FilingState::Active) => "filing-active",
        Some(FilingState::Pending) => "filing-pending",
        Some(FilingState::Rejected) => "filing-rejected",
        Some(FilingState::Expired) => "filing-expired",
        Some(FilingState::Cancelled) => "filing-cancelled",
    };
    let wage = match story.wage {
        Wage::Example | Wage::Usual => "",
        Wage::High => "upper-base",
        Wage::Low => "lower-base",
    };
    let card = if story.shares_card_digits { "shared-card-digits" } else { "" };
    [payments, account, pin, filing, wage, card].into_iter().filter(|word| !word.is_empty()).collect()
}
