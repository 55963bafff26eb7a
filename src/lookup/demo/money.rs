//! Bases and rates of the demo's city, by date (source: domain reference 2.3). Amounts in fen.

use super::super::records::Insurance;
use crate::call::YearMonth;

/// Lower and upper limit of the base in yuan, from July of a year to the next June.
const BASES: [(i16, i64, i64); 3] = [(2023, 7_310, 36_549), (2024, 7_384, 36_921), (2025, 7_460, 37_302)];

/// Employers' work-injury rates by industry, in hundredths of a per cent.
const INJURY_RATES: [i64; 8] = [16, 32, 56, 72, 88, 104, 128, 152];

/// The year that a month's base is of, named by the July in which it begins.
pub(super) fn base_year(month: YearMonth) -> i16 {
    month.plus(-6).year()
}

/// Lower and upper limit of the base in a month.
pub(super) fn limits(month: YearMonth) -> (i64, i64) {
    let year = base_year(month);
    let (_, lower, upper) =
        BASES.iter().find(|(from, _, _)| *from == year).expect("there are limits for each month of the demo");
    (lower * 100, upper * 100)
}

/// Employer's and member's rate in a month, in hundredths of a per cent.
pub(super) fn rates(insurance: Insurance, employer: u32, month: YearMonth) -> (i64, i64) {
    match insurance {
        Insurance::Pension => (1_600, 800),
        Insurance::Medical if base_year(month) < 2024 => (1_050, 200),
        Insurance::Medical => (900, 200),
        Insurance::Unemployment => (50, 50),
        Insurance::Injury => {
            let industry = usize::try_from(employer).unwrap_or(0) % INJURY_RATES.len();
            (INJURY_RATES.get(industry).copied().unwrap_or(16), 0)
        }
    }
}

/// A share of `amount` at `rate` hundredths of a per cent, half a fen rounded up.
pub(super) const fn share(amount: i64, rate: i64) -> i64 {
    (amount * rate + 5_000) / 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked months of the domain reference 2.3.
    #[test]
    fn shares_are_those_of_the_worked_months() {
        let may_2024 = YearMonth::new(2024, 5).unwrap();
        let march_2026 = YearMonth::new(2026, 3).unwrap();
        for (base, insurance, month, employer, personal) in [
            (7_384_00, Insurance::Pension, march_2026, 1_181_44, 590_72),
            (7_384_00, Insurance::Medical, may_2024, 775_32, 147_68),
            (7_384_00, Insurance::Medical, march_2026, 664_56, 147_68),
            (7_384_00, Insurance::Unemployment, march_2026, 36_92, 36_92),
            (7_384_00, Insurance::Injury, march_2026, 11_81, 0),
            (12_000_00, Insurance::Pension, march_2026, 1_920_00, 960_00),
            (12_000_00, Insurance::Medical, may_2024, 1_260_00, 240_00),
            (12_000_00, Insurance::Injury, march_2026, 19_20, 0),
            (36_921_00, Insurance::Medical, may_2024, 3_876_71, 738_42),
            (36_921_00, Insurance::Unemployment, march_2026, 184_61, 184_61),
            (36_921_00, Insurance::Injury, march_2026, 59_07, 0),
        ] {
            let (employer_rate, personal_rate) = rates(insurance, 0, month);
            assert_eq!((share(base, employer_rate), share(base, personal_rate)), (employer, personal), "{base}");
        }
    }

    #[test]
    fn a_base_year_begins_in_july() {
        assert_eq!(base_year(YearMonth::new(2025, 6).unwrap()), 2024);
        assert_eq!(base_year(YearMonth::new(2025, 7).unwrap()), 2025);
    }
}
