//! Keys sort as the things they name, and have one width.

use wherefore::model::time::Instant;
use wherefore::model::word::Section;
use wherefore::store::Number;
use wherefore::store::keys::{
    FAMILY_ROW_LEN, Family, Hashing, NAME_LEN, PROCESSOR_ROW_LEN, Side, after_prefix, family_row, log_key,
    processor_family_row, processor_row, section_code, section_of, time_key,
};

fn number(sequence: u64, position: u32) -> Number {
    Number { sequence, position }
}

#[test]
fn numbers_sort_by_sequence_then_position() {
    let sorted = [
        (0, 0),
        (0, 1),
        (0, u32::MAX),
        (1, 0),
        (255, 3),
        (256, 0),
        (u64::MAX, 0),
        (u64::MAX, u32::MAX),
    ];
    for pair in sorted.windows(2) {
        let [a, b] = [pair[0], pair[1]].map(|(sequence, position)| number(sequence, position));
        assert!(a.to_key() < b.to_key() && a < b);
        assert_eq!(Number::from_key(&a.to_key()), Some(a));
    }
    assert!(log_key(3, 7) < log_key(3, 8) && log_key(3, 8) < log_key(4, 0));
    for wrong in [&[0; 11][..], &[0; 13], &[]] {
        assert_eq!(Number::from_key(wrong), None);
    }
}

#[test]
fn instants_sort_and_none_comes_first() {
    let sorted =
        [i64::MIN + 2, -1_000_000, -1, 0, 1, 1_000_000, i64::MAX].map(|at| Some(Instant::from_micros(at)));
    assert!(time_key(None) < time_key(Some(Instant::from_micros(i64::MIN))));
    assert!(time_key(None) < time_key(sorted[0]));
    for pair in sorted.windows(2) {
        assert!(time_key(pair[0]) < time_key(pair[1]));
    }
}

#[test]
fn rows_of_a_family_sort_by_time_then_number_and_stand_together() {
    let hashing = Hashing::new(&[7; 32]);
    let ann = hashing.subject("ann");
    let at = |micros| Some(Instant::from_micros(micros));
    let sorted = [
        family_row(ann, None, number(9, 9)),
        family_row(ann, at(-5), number(8, 0)),
        family_row(ann, at(5), number(1, 1)),
        family_row(ann, at(5), number(1, 2)),
        family_row(ann, at(5), number(2, 0)),
        family_row(ann, at(6), number(1, 0)),
    ];
    for pair in sorted.windows(2) {
        assert!(pair[0] < pair[1]);
    }
    let end = after_prefix(&ann.0).unwrap();
    assert!(
        sorted
            .iter()
            .all(|row| row.len() == FAMILY_ROW_LEN && row[..] > ann.0[..] && row[..] < end[..])
    );
    assert!(Family::EVERYONE < ann);
    assert_ne!(ann, hashing.subject("ann "));
    assert_ne!(ann, Hashing::new(&[8; 32]).subject("ann"));
    assert_eq!(ann.0[0], 2);
}

#[test]
fn rows_of_a_processor_sort_by_side_then_time() {
    let hashing = Hashing::new(&[7; 32]);
    let shop = hashing.processor("shop");
    let row = |side, at| processor_row(shop, side, Some(Instant::from_micros(at)), number(1, 0));
    let sorted = [
        row(Side::Giver, 5),
        row(Side::Giver, 6),
        row(Side::Taker, 1),
        row(Side::Alone, 1),
        row(Side::Source, 0),
    ];
    for pair in sorted.windows(2) {
        assert!(pair[0] < pair[1]);
    }
    assert_eq!(sorted[0].len(), PROCESSOR_ROW_LEN);
    // In the first layout the family stands between the instant and the number.
    let old = processor_family_row(
        shop,
        Side::Giver,
        Some(Instant::from_micros(5)),
        hashing.subject("ann"),
        number(1, 0),
    );
    assert_eq!(old[..25], sorted[0][..25]);
    assert_eq!(old[25..41], hashing.subject("ann").0);
    assert_eq!(old[41..], sorted[0][25..]);
}

#[test]
fn names_of_different_sections_never_meet() {
    let hashing = Hashing::new(&[7; 32]);
    let mut names: Vec<[u8; NAME_LEN]> = Section::ALL
        .iter()
        .map(|section| hashing.name(*section, "x"))
        .collect();
    names.extend(
        Section::ALL
            .iter()
            .map(|section| hashing.content_name(*section, "x")),
    );
    names.push(hashing.commit_key("x"));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn section_numbers_are_frozen() {
    let codes: Vec<u8> = Section::ALL
        .iter()
        .map(|section| section_code(*section))
        .collect();
    // Cohorts stand behind subjects in a file, suppressions and compatibility behind rules; their numbers were given later.
    let frozen: Vec<u8> = [1, 22].into_iter().chain(2..=21).chain([23, 24]).collect();
    assert_eq!(codes, frozen);
    for section in Section::ALL {
        assert_eq!(section_of(section_code(*section)), Some(*section));
    }
    assert_eq!([section_of(0), section_of(25), section_of(255)], [None; 3]);
}

#[test]
fn the_key_after_a_prefix_is_the_least_beyond_it() {
    assert_eq!(after_prefix(&[1, 2]), Some(vec![1, 3]));
    assert_eq!(after_prefix(&[1, 255]), Some(vec![2]));
    assert_eq!(after_prefix(&[255, 255]), None);
    assert_eq!(after_prefix(&[]), None);
}
