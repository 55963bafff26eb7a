//! The tables of the wall, out of figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::look::Look;
use super::table::{Cell, Group, Table};
use crate::call::NodeId;
use crate::desk::figures::{Day, Details, Sums};

/// How many nodes a page shows; a file has all.
const MOST_NODES: usize = 12;

/// The tables that can be had as files.
pub(super) const NAMES: &[&str] = &["times", "tasks", "hung-up", "asked-again", "causes"];

/// What is told of each time: head in both languages, and what stands under it.
type Column = (&'static str, &'static str, fn(&Sums) -> Cell);

/// What is told of each time, in groups.
const GROUPS: &[(&str, &str, &[Column])] = &[
    ("来电", "Calls", CALLS),
    ("排队", "Queue", QUEUE),
    ("坐席", "Operators", OPERATORS),
    ("来电者", "Callers", CALLERS),
];

const CALLS: &[Column] = &[
    ("通话", "Calls", |sums| Cell::Count(sums.calls)),
    ("自助办结", "Contained", |sums| Cell::Count(sums.contained)),
    ("要求人工", "Wanted a person", |sums| Cell::Count(sums.wanted_person)),
    ("人工接通", "Talked to a person", |sums| Cell::Count(sums.talked)),
    ("综合接通率", "Combined connection rate", |sums| Cell::Share(sums.combined_connection_rate())),
    ("人工接通率", "Human connection rate", |sums| Cell::Share(sums.human_connection_rate())),
];

const QUEUE: &[Column] = &[
    ("进入排队", "Queued", |sums| Cell::Count(sums.queued)),
    ("应答", "Answered", |sums| Cell::Count(sums.answered)),
    ("15 秒服务水平（仅应答）", "Service level 15 s, of the answered", |sums| {
        Cell::Share(sums.level_of_answered()[0])
    }),
    ("20 秒服务水平（仅应答）", "Service level 20 s, of the answered", |sums| {
        Cell::Share(sums.level_of_answered()[1])
    }),
    ("15 秒服务水平（含放弃）", "Service level 15 s, abandoned counted", |sums| {
        Cell::Share(sums.level_of_all()[0])
    }),
    ("20 秒服务水平（含放弃）", "Service level 20 s, abandoned counted", |sums| {
        Cell::Share(sums.level_of_all()[1])
    }),
    ("放弃", "Abandoned", |sums| Cell::Count(sums.abandoned)),
    ("5 秒内放弃", "Abandoned within 5 s", |sums| Cell::Count(sums.abandoned_at_once)),
    ("放弃率", "Abandonment", |sums| Cell::Share(sums.abandonment())),
    ("转外线或等候过久", "Sent away", |sums| Cell::Count(sums.sent_away)),
    ("另作选择", "Chose something else", |sums| Cell::Count(sums.chose_else)),
    ("平均应答速度", "Average speed of answer", |sums| Cell::Time(sums.speed_of_answer())),
    ("最长等候", "Longest wait", |sums| Cell::Time((sums.queued > 0).then_some(sums.longest_wait))),
    ("预告准确", "Announced bound held", |sums| Cell::Share(sums.bound_held())),
];

const OPERATORS: &[Column] = &[
    ("平均处理时长", "Average handling time", |sums| Cell::Time(sums.handling_time())),
    ("占用率", "Occupancy", |sums| Cell::Share(sums.occupancy())),
    ("回拨", "Call-backs", |sums| Cell::Count(sums.call_backs)),
    ("已回拨", "Called back", |sums| Cell::Count(sums.called_back)),
];

const CALLERS: &[Column] = &[
    ("身份验证成功率", "Verification", |sums| Cell::Share(sums.verification())),
    ("锁定", "Locked out", |sums| Cell::Count(sums.locked_out)),
    ("评价", "Surveys", |sums| Cell::Count(sums.surveys)),
    ("评价率", "Share answered", |sums| Cell::Share(sums.surveyed())),
    ("平均评分", "Mean score", |sums| Cell::Score(sums.mean_score())),
];

fn columns() -> impl Iterator<Item = &'static Column> {
    GROUPS.iter().flat_map(|(.., columns)| columns.iter())
}

fn times<'a>(look: &Look, head: &str, times: impl Iterator<Item = (String, &'a Sums)>) -> Table {
    let heads = columns().map(|(chinese, english, _)| look.of(chinese, english).to_owned());
    let row = |(time, sums): (String, &Sums)| {
        std::iter::once(Cell::Text(time)).chain(columns().map(|(_, _, cell)| cell(sums))).collect()
    };
    Table {
        name: "times",
        title: look.of("分时数据", "By time").to_owned(),
        heads: std::iter::once(head.to_owned()).chain(heads).collect(),
        rows: times.map(row).collect(),
    }
}

/// A day by half hours.
pub(super) fn halves(look: &Look, day: &Day) -> Table {
    let label = |index: usize| format!("{:02}:{:02}", index / 2, index % 2 * 30);
    times(look, look.of("时段", "Half hour"), day.halves.iter().enumerate().map(|(index, sums)| (label(index), sums)))
}

/// Days, one by one.
pub(super) fn days(look: &Look, days: &[Arc<Day>]) -> Table {
    times(look, look.of("日期", "Day"), days.iter().map(|day| (day.date.to_string(), &day.all)))
}

/// Everything that is told of one time, a line each.
pub(super) fn rates(look: &Look, sums: &Sums) -> Vec<Group> {
    let line = |(chinese, english, cell): &Column| (look.of(chinese, english).to_owned(), cell(sums));
    let group = |(chinese, english, columns): &(&str, &str, &[Column])| Group {
        title: look.of(chinese, english).to_owned(),
        lines: columns.iter().map(line).collect(),
    };
    GROUPS.iter().map(group).collect()
}

/// What callers came for.
pub(super) fn tasks(look: &Look, details: &Details) -> Table {
    let row = |task: &String| {
        let sum = details.tasks.get(task).cloned().unwrap_or_default();
        vec![
            Cell::Text(capital(&look.word(&format!("word.topic.{task}"), task))),
            Cell::Count(sum.came_for),
            Cell::Count(sum.done),
            Cell::Count(sum.contained),
            Cell::Share(sum.containment()),
        ]
    };
    let heads = [
        look.of("业务", "Task"),
        look.of("来办通话", "Came for it"),
        look.of("办结", "Done"),
        look.of("无需人工", "Needed nobody"),
        look.of("自助率", "Containment"),
    ];
    Table {
        name: "tasks",
        title: look.of("各业务自助办结", "Tasks").to_owned(),
        heads: heads.map(ToOwned::to_owned).into(),
        rows: look.loaded.line.tasks.keys().map(row).collect(),
    }
}

/// What stands within a sentence of the line, at the beginning of a row.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn nodes(look: &Look, name: &'static str, title: &str, count: &str, nodes: &BTreeMap<NodeId, u64>) -> Table {
    let mut most: Vec<_> = nodes.iter().collect();
    most.sort_by_key(|(node, count)| (std::cmp::Reverse(**count), *node));
    Table {
        name,
        title: title.to_owned(),
        heads: vec![look.of("节点", "Node").to_owned(), count.to_owned()],
        rows: most.into_iter().map(|(node, count)| vec![Cell::text(node), Cell::Count(*count)]).collect(),
    }
}

/// Where callers hung up.
pub(super) fn hung_up(look: &Look, details: &Details) -> Table {
    let title = look.of("来电者在哪里挂机", "Where callers leave");
    nodes(look, "hung-up", title, look.of("挂机", "Hung up"), &details.hung_up_at)
}

/// Where callers were silent or wrong.
pub(super) fn asked_again(look: &Look, details: &Details) -> Table {
    let title = look.of("无按键或按错", "Silent or wrong");
    nodes(look, "asked-again", title, look.of("次数", "Times"), &details.asked_again)
}

/// Why calls ended.
pub(super) fn causes(look: &Look, details: &Details) -> Table {
    let row = |(cause, count): (&String, &u64)| vec![Cell::text(look.cause(cause)), Cell::Count(*count)];
    Table {
        name: "causes",
        title: look.of("结束原因", "Why calls ended").to_owned(),
        heads: vec![look.of("原因", "Cause").to_owned(), look.of("通话", "Calls").to_owned()],
        rows: details.causes.iter().map(row).collect(),
    }
}

/// All that are told by name, cut to what a page has room for.
pub(super) fn details(look: &Look, details: &Details) -> Vec<Table> {
    let mut all = vec![tasks(look, details), hung_up(look, details), asked_again(look, details), causes(look, details)];
    for table in &mut all {
        table.rows.truncate(MOST_NODES);
    }
    all
}
