//! Personal lookups and the import, against a database of demo people.
#![allow(
    clippy::inconsistent_digit_grouping,
    clippy::mistyped_literal_suffixes,
    reason = "1_023_05 is 1,023.05 yuan in fen"
)]

use serde_json::json;

use hotline::call::{CallId, Keys, Language, Leg, Secret, Signature, Timestamp, Type, Value, ValueRecord, YearMonth};
use hotline::lookup::demo::{self, Person};
use hotline::lookup::identity::{Claim, Identity, Settings, Verdict, Who};
use hotline::lookup::import::Import;
use hotline::lookup::pin::PinHashing;
use hotline::lookup::{self, Answer, Context, Subject};
use hotline::store::Database;
use jiff::civil::date;
use jiff::tz::TimeZone;

/// A bureau with some demo people, at 10 in the morning of 1 April 2026 in Shanghai.
pub(crate) struct Bureau {
    pub(crate) db: Database,
    pub(crate) identity: Identity,
    pub(crate) now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Bureau {
    pub(crate) async fn with(people: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&folder.path().join("hotline.db")).await.unwrap();
        demo::fill(&db, people, PinHashing::SMALLEST, |_, _| {}).await.unwrap();
        let settings = Settings { hashing: PinHashing::SMALLEST, key: [7; 32], checks_at_once: 2 };
        let identity = Identity::new(db.clone(), &settings).unwrap();
        let now = date(2026, 4, 1).at(10, 0, 0, 0).to_zoned(zone()).unwrap().timestamp();
        Self { db, identity, now: Timestamp::from_millis(now.as_millisecond()), _folder: folder }
    }

    pub(crate) fn later(&mut self, seconds: u64) {
        self.now = self.now.plus(std::time::Duration::from_secs(seconds));
    }

    /// Somebody verifies as demo person `k`, in a call of their own.
    pub(crate) async fn subject(&self, k: u32) -> Option<Subject> {
        let person = Person::nth(k);
        let claim = Claim {
            by: Who::ById(person.member.id),
            pin: secret(&person.pin.map_or("000000".to_owned(), |pin| pin.digits)),
            call: call(1_000 + k),
            leg: Leg::CALLER,
            turn: 7,
            caller: None,
            now: self.now,
        };
        let _: Verdict = self.identity.verify(claim).await.unwrap();
        Subject::of_call(&self.db, call(1_000 + k), self.now).await.unwrap()
    }

    async fn ask(&self, name: &str, subject: Option<&Subject>, args: ValueRecord) -> Answer {
        let (zone, language) = (zone(), Language::from("zh-CN"));
        let context =
            Context { db: &self.db, now: self.now, zone: &zone, line: "12333", language: &language, call: call(1) };
        lookup::ask(&context, name, subject, &args).await.unwrap()
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(self.db.readers()).await.unwrap()
    }

    pub(crate) async fn execute(&self, statement: &'static str) -> Result<(), hotline::store::Error> {
        self.db
            .write(move |connection| {
                Box::pin(async move { sqlx::query(statement).execute(connection).await.map(|_| ()) })
            })
            .await
    }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

pub(crate) fn call(number: u32) -> CallId {
    CallId::from_bytes(u128::from(number).to_be_bytes())
}

pub(crate) fn secret(pin: &str) -> Secret {
    Secret::from_keys(&Keys::parse(pin).unwrap())
}

fn month(text: &str) -> YearMonth {
    YearMonth::parse(text).unwrap()
}

fn args<const N: usize>(values: [(&str, Value); N]) -> ValueRecord {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn word(word: &str) -> Value {
    Value::Word(word.to_owned())
}

/// One value of each kind that an argument can be: with and without the optional ones.
fn arguments_of(signature: &Signature) -> Vec<ValueRecord> {
    let mut all = vec![ValueRecord::new()];
    for field in signature.args {
        let values: Vec<Value> = match field.of {
            Type::Word { words, .. } => words.iter().map(|one| word(one)).collect(),
            Type::Number => vec![Value::Number(3), Value::Number(24)],
            Type::Year => [2023, 2024, 2025, 2026, 2030].map(Value::Year).to_vec(),
            Type::YearMonth => ["202403", "202404", "202509", "202602", "202603", "202604", "202605"]
                .map(|text| Value::YearMonth(month(text)))
                .to_vec(),
            other @ (Type::Amount
            | Type::Date
            | Type::Clock
            | Type::Digits
            | Type::Flag
            | Type::Text
            | Type::Periods
            | Type::Record(_)
            | Type::List(_)) => panic!("no argument is of type {other:?}"),
        };
        let without = if field.optional { all.clone() } else { Vec::new() };
        let with = all.iter().flat_map(|record| {
            values.iter().map(|value| {
                let mut record = record.clone();
                record.insert(field.name.to_owned(), value.clone());
                record
            })
        });
        // One optional argument at a time: they exclude each other.
        let with: Vec<ValueRecord> = with.filter(|record| record.len() <= 2).collect();
        all = without.into_iter().chain(with).collect();
    }
    all
}

#[tokio::test]
async fn every_answer_is_of_its_signature_and_every_outcome_is_met() {
    let bureau = Bureau::with(demo::SHOWCASE).await;
    let mut met = std::collections::BTreeSet::new();
    for k in 0..demo::SHOWCASE {
        let Some(subject) = bureau.subject(k).await else { continue };
        for one in lookup::ALL.iter().filter(|one| one.signature.personal) {
            for args in arguments_of(one.signature) {
                let answer = bureau.ask(one.signature.name, Some(&subject), args).await;
                let fields = one.signature.answer(answer.outcome);
                assert!(one.signature.outcomes.iter().any(|outcome| outcome.name == answer.outcome));
                assert!(Value::Record(answer.values.clone()).is(&Type::Record(fields)), "{}", one.signature.name);
                assert_eq!(fields.is_empty(), answer.values.is_empty(), "{}", one.signature.name);
                met.insert((one.signature.name, answer.outcome));
            }
        }
        let lost = "INSERT INTO card_losses (person_no, at, until, call) VALUES (?, 0, '9999-12-31', x'00')";
        let lost = sqlx::query(lost).bind(subject.person_no().to_owned());
        bureau
            .db
            .write(move |connection| Box::pin(async move { lost.execute(connection).await.map(drop) }))
            .await
            .unwrap();
        let answer = bureau.ask("card-loss", Some(&subject), args([])).await;
        met.insert(("card-loss", answer.outcome));
    }
    for one in lookup::ALL.iter().filter(|one| one.signature.personal) {
        for outcome in one.signature.outcomes {
            assert!(met.contains(&(one.signature.name, outcome.name)), "{} {}", one.signature.name, outcome.name);
        }
    }
}

#[tokio::test]
async fn the_worked_call_hears_its_figures() {
    let bureau = Bureau::with(1).await;
    let subject = bureau.subject(0).await.unwrap();
    let account = bureau.ask("medical-account", Some(&subject), args([])).await;
    assert_eq!(
        account,
        Answer::with(
            "found",
            [
                ("as-of", Value::Date(date(2026, 3, 31))),
                ("total", Value::Amount(11_023_55)),
                ("current", Value::Amount(1_023_05)),
                ("previous", Value::Amount(10_000_50)),
                ("stage", word("account")),
                ("standard", Value::Amount(500_00)),
                ("used", Value::Amount(0)),
                ("left", Value::Amount(500_00)),
            ]
        )
    );
    let asked = args([("insurance", word("pension")), ("month", Value::YearMonth(month("202603")))]);
    let payments = bureau.ask("payments", Some(&subject), asked).await;
    let record = Value::Record(args([
        ("month", Value::YearMonth(month("202603"))),
        ("insurance", word("pension")),
        ("reading", word("plain")),
        ("base", Value::Amount(12_000_00)),
        ("employer", Value::Amount(1_920_00)),
        ("personal", Value::Amount(960_00)),
        ("status", word("paid")),
        ("settled", Value::YearMonth(month("202603"))),
    ]));
    let one_month = args([
        ("month", Value::YearMonth(month("202603"))),
        ("n", Value::Number(1)),
        ("records", Value::List(vec![record])),
    ]);
    assert_eq!(payments, Answer::with("found", [("months", Value::List(vec![Value::Record(one_month)]))]));
}

/// Month, number of records, and of each record: insurance, reading, status.
async fn heard(bureau: &Bureau, k: u32, asked: ValueRecord) -> Vec<String> {
    let subject = bureau.subject(k).await.unwrap();
    let answer = bureau.ask("payments", Some(&subject), asked).await;
    let Some(Value::List(months)) = answer.values.get("months") else { return vec![answer.outcome.to_owned()] };
    let mut lines = Vec::new();
    for month in months {
        let Value::Record(month) = month else { panic!() };
        let (Value::YearMonth(name), Value::Number(n), Value::List(records)) =
            (&month["month"], &month["n"], &month["records"])
        else {
            panic!()
        };
        let mut line = format!("{name} {n}");
        for record in records {
            let Value::Record(record) = record else { panic!() };
            for field in ["insurance", "reading", "status"] {
                let Value::Word(word) = &record[field] else { panic!() };
                line.push(' ');
                line.push_str(word);
            }
        }
        lines.push(line);
    }
    lines
}

#[tokio::test]
async fn payments_are_read_newest_first_with_what_is_special() {
    let bureau = Bureau::with(demo::SHOWCASE).await;
    let last = |insurance, n| args([("insurance", word(insurance)), ("last", Value::Number(n))]);
    for (k, asked, expected) in [
        (
            1,
            last("pension", 2),
            &["2026-03 1 pension plain paid", "2026-02 2 pension plain paid pension plain paid"][..],
        ),
        (
            2,
            last("medical", 3),
            &["2026-03 1 medical plain paid", "2026-02 1 medical plain paid", "2026-01 1 medical back-paid back-paid"],
        ),
        (4, last("injury", 2), &["2026-03 1 injury plain paid", "2026-02 1 injury owed arrears"]),
        (7, last("pension", 1), &["2026-02 1 pension plain paid"]),
        (8, last("pension", 1), &["2026-03 1 pension plain processing"]),
        (
            9,
            args([("insurance", word("pension")), ("month", Value::YearMonth(month("202602")))]),
            &["2026-02 2 pension plain paid pension plain refunded"],
        ),
        (
            11,
            args([("insurance", word("all")), ("earlier-than", Value::YearMonth(month("202511")))]),
            &["2025-10 1 all missing not-insured"],
        ),
        (
            0,
            last("all", 1),
            &["2026-03 4 pension plain paid medical plain paid unemployment plain paid injury plain paid"],
        ),
        (0, args([("insurance", word("all")), ("later-than", Value::YearMonth(month("202603")))]), &["newest"]),
        (0, args([("insurance", word("all")), ("month", Value::YearMonth(month("202605")))]), &["future"]),
        (0, args([("insurance", word("all")), ("month", Value::YearMonth(month("202403")))]), &["too-old"]),
        (0, args([("insurance", word("pension")), ("month", Value::YearMonth(month("202604")))]), &["newest"]),
        (34, last("pension", 3), &["none"]),
    ] {
        assert_eq!(heard(&bureau, k, asked).await, expected, "person {k}");
    }
}

#[tokio::test]
async fn a_month_after_the_newest_is_not_there_yet_however_late_it_is() {
    let mut bureau = Bureau::with(1).await;
    bureau.later(200 * 24 * 3600);
    for (asked, expected) in [("202604", "newest"), ("202610", "newest"), ("202611", "future")] {
        let asked = args([("insurance", word("pension")), ("month", Value::YearMonth(month(asked)))]);
        assert_eq!(heard(&bureau, 0, asked).await, [expected]);
    }
}

#[tokio::test]
async fn a_filing_that_was_cancelled_is_told_from_none() {
    let bureau = Bureau::with(demo::SHOWCASE).await;
    for (k, outcome) in [(0, "none"), (28, "cancelled")] {
        let subject = bureau.subject(k).await.unwrap();
        assert_eq!(bureau.ask("remote-filing", Some(&subject), args([])).await, Answer::bare(outcome), "person {k}");
    }
}

#[tokio::test]
async fn a_year_is_counted_and_summed() {
    let bureau = Bureau::with(demo::SHOWCASE).await;
    let asked = || args([("insurance", word("pension")), ("year", Value::Year(2025))]);
    let numbers = |answer: &Answer| ["due", "paid", "owed"].map(|name| answer.values[name].clone());
    for (k, expected) in [(0, [12, 12, 0]), (2, [12, 12, 0]), (4, [12, 10, 2]), (6, [12, 0, 12]), (10, [12, 11, 0])] {
        let subject = bureau.subject(k).await.unwrap();
        let answer = bureau.ask("payments-year", Some(&subject), asked()).await;
        assert_eq!(numbers(&answer), expected.map(Value::Number), "person {k}");
    }
    let subject = bureau.subject(0).await.unwrap();
    let answer = bureau.ask("payments-year", Some(&subject), asked()).await;
    // Six months of 11,400 yuan and six of 12,000.
    assert_eq!(answer.values["employer"], Value::Amount(6 * 1_824_00 + 6 * 1_920_00));
    assert_eq!(answer.values["personal"], Value::Amount(6 * 912_00 + 6 * 960_00));

    let subject = bureau.subject(6).await.unwrap();
    let answer = bureau.ask("employer-year", Some(&subject), args([])).await;
    let Value::Periods(periods) = &answer.values["arrears"] else { panic!() };
    assert_eq!((answer.values["paid"].clone(), answer.values["owed"].clone()), (Value::Number(2), Value::Number(10)));
    assert_eq!(answer.values["to"], Value::YearMonth(month("202603")));
    assert_eq!((periods[0].from, periods[0].to, periods.len()), (month("202504"), month("202601"), 1));
}

#[tokio::test]
async fn without_a_subject_a_personal_question_is_expired() {
    let mut bureau = Bureau::with(1).await;
    assert_eq!(bureau.ask("medical-account", None, args([])).await, Answer::bare("expired"));
    let subject = bureau.subject(0).await.unwrap();
    bureau.later(15 * 60);
    assert_eq!(bureau.ask("medical-account", Some(&subject), args([])).await, Answer::bare("expired"));
    assert_eq!(bureau.count("SELECT count(*) FROM looks WHERE lookup = 'medical-account'").await, 0);
}

#[tokio::test]
async fn every_look_is_on_record_and_stays() {
    let bureau = Bureau::with(1).await;
    let subject = bureau.subject(0).await.unwrap();
    bureau.ask("medical-account", Some(&subject), args([])).await;
    assert_eq!(bureau.count("SELECT count(*) FROM looks WHERE lookup = 'verify' AND outcome = 'verified'").await, 1);
    let looked =
        "SELECT count(*) FROM looks WHERE person_no = 'd0000000' AND lookup = 'medical-account' AND outcome = 'found'";
    assert_eq!(bureau.count(looked).await, 1);
    assert!(bureau.execute("DELETE FROM looks").await.is_err());
    assert!(bureau.execute("UPDATE looks SET person_no = ''").await.is_err());
}

#[tokio::test]
async fn switches_are_seen_at_once() {
    let bureau = Bureau::with(0).await;
    for (lookup, outcome) in [("bulletin", "none"), ("maintenance", "none"), ("entry-mode", "self-service")] {
        assert_eq!(bureau.ask(lookup, None, args([])).await, Answer::bare(outcome));
    }
    let set = async |line: &str, name: &str, value| bureau.db.set_switch(line, name, Some(&value)).await.unwrap();
    set("12333", "bulletin", json!({"zh-CN": "今天下午停电。", "en": "Power is off this afternoon."})).await;
    set("12333", "maintenance", json!({"until": "14:30"})).await;
    set("12333", "direct-to-operator", json!(true)).await;
    set("other", "direct-to-operator", json!(false)).await;
    let posted = Answer::with("posted", [("text", Value::Text("今天下午停电。".to_owned()))]);
    assert_eq!(bureau.ask("bulletin", None, args([])).await, posted);
    let on = Answer::with("on", [("until", Value::Clock(jiff::civil::time(14, 30, 0, 0)))]);
    assert_eq!(bureau.ask("maintenance", None, args([])).await, on);
    assert_eq!(bureau.ask("entry-mode", None, args([])).await, Answer::bare("operator"));
    set("12333", "maintenance", json!({})).await;
    let (zone, language) = (zone(), Language::from("en"));
    let context =
        Context { db: &bureau.db, now: bureau.now, zone: &zone, line: "12333", language: &language, call: call(1) };
    let error = lookup::ask(&context, "maintenance", None, &args([])).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the switch `maintenance` of line `12333` cannot be read; set it again with `hotline operator switch`"
    );
}

const MEMBERS: &str =
    "person_no,id_no,name,card_no\n1001,00010119881020037X,王芳,B20000017\n1002,000101196007080269,李强,\n";
const PAYMENTS: &str = "\u{feff}person_no,for_period,insurance,employer_no,base,employer_amount,personal,status,settled_period\r\n\
    1001,2026-03,pension,e1,12000.00,1920.00,960.00,paid,2026-03\r\n\
    1001,202602,pension,e1,12000,1920,960,back-paid,202603\r\n";
const ACCOUNTS: &str =
    "person_no,as_of,current,previous,self_pay_standard,self_pay_used\n1001,2026-03-31,0,10.5,500,499.99\n";

fn read(files: &[(&str, &str)]) -> Import {
    let mut import = Import::default();
    for (name, text) in files {
        import.read(name, text.as_bytes(), date(2026, 4, 1));
    }
    import
}

#[tokio::test]
async fn a_bureau_fills_its_tables() {
    let bureau = Bureau::with(0).await;
    for _ in 0..2 {
        let mut import = read(&[("payments.csv", PAYMENTS), ("members.csv", MEMBERS), ("accounts.csv", ACCOUNTS)]);
        assert_eq!(import.check(&bureau.db).await.unwrap(), []);
        assert_eq!(import.rows(), 5);
        import.write(&bureau.db).await.unwrap();
    }
    assert_eq!(bureau.count("SELECT count(*) FROM members WHERE card_digits = '20000017' AND sex = 'male'").await, 1);
    assert_eq!(bureau.count("SELECT sum(base) FROM payments WHERE settled_period = 202603").await, 24_000_00);
    assert_eq!(bureau.count("SELECT self_pay_used FROM accounts").await, 499_99);

    // Later files may speak of people who are there already.
    let mut import = read(&[("more.csv", "person_no,credited_on,amount\n1002,2025-07-01,1680\n")]);
    assert_eq!(import.check(&bureau.db).await.unwrap(), []);
    import.write(&bureau.db).await.unwrap();

    // Two people whose numbers were mixed up get them the other way round.
    let swapped = "person_no,id_no,name\n1002,00010119881020037X,李强\n1001,000101196007080269,王芳\n";
    let mut import = read(&[("members.csv", swapped)]);
    assert_eq!(import.check(&bureau.db).await.unwrap(), []);
    import.write(&bureau.db).await.unwrap();
    assert_eq!(bureau.count("SELECT count(*) FROM members WHERE id_no LIKE '0001%'").await, 2);
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_and_nothing_personal() {
    let bureau = Bureau::with(1).await;
    let files = [
        (
            "members.csv",
            "person_no,id_no,name,status\n1,000101198503121234,王芳,\n2,00010119881020037X,,gone\n2,00010119881020037X,李强,\n3,000101198503121233,赵明,\n",
        ),
        (
            "payments.csv",
            "person_no,for_period,insurance,employer_no,base,employer_amount,personal,status,settled_period\n\
          9,2026-13,pensions,e1,12.345,-1,1,paid,\n2,2026-03,pension,e1,1,1,1,back-paid,\n2,2026-03,injury,e1,1,1,1,paid\n",
        ),
        ("accounts.csv", "person_no,as_of,current,previous,self_pay_standard,used\n"),
        ("strange.csv", "a,b\n1,2\n"),
    ];
    let mut import = read(&files);
    import.read("gbk.csv", b"person_no\xcd\xf5", date(2026, 4, 1));
    let mistakes: Vec<String> = import.check(&bureau.db).await.unwrap().iter().map(ToString::to_string).collect();
    let expected = [
        "accounts.csv:1: column 6 is none of table `accounts`, which has person_no, as_of, current, previous, self_pay_standard, self_pay_used, state",
        "accounts.csv:1: column `self_pay_used` of table `accounts` is missing",
        "gbk.csv:1: this is not UTF-8; save it as `CSV UTF-8`",
        "members.csv:2: id_no: the check character does not fit the others: a digit was mistyped or two were swapped",
        "members.csv:3: name: this cell must be filled",
        "members.csv:3: status: expected one of active, paused, ended, retired",
        "members.csv:4: this row is there already: members.csv:3",
        "members.csv:5: id_no: another person in the database has this identity number",
        "payments.csv:2: base: expected an amount in yuan, with at most two decimals: 1920.00",
        "payments.csv:2: employer_amount: this amount cannot be negative",
        "payments.csv:2: for_period: expected a month: 2026-03",
        "payments.csv:2: insurance: expected one of pension, medical, unemployment, injury",
        "payments.csv:2: person_no: nobody has this number, neither here nor in the database",
        "payments.csv:3: settled_period: a month that is back-paid was settled in a month: which?",
        "payments.csv:4: this line has 8 cells, the first line has 9",
        "strange.csv:1: the first line names no column of any table; docs/members-csv.md has them",
    ];
    assert_eq!(mistakes, expected);
}
