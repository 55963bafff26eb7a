//! Names of demo people and employers.

use super::draw;

const FAMILY: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "欧阳", "上官",
];
const GIVEN: [&str; 24] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明", "超", "秀英", "建华",
    "文博", "雨桐", "子涵", "志强", "桂兰", "晓东",
];

/// The name of person `k`.
pub(super) fn name(k: u32) -> String {
    let pick = |from: &[&'static str], purpose| {
        let at = usize::try_from(draw(k, purpose, from.len() as u64)).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    };
    format!("{}{}", pick(&FAMILY, 20), pick(&GIVEN, 21))
}

/// The name of an employer.
pub(super) fn employer(number: u32) -> String {
    format!("示例单位{number:05}")
}
