//! IDs of resources: a prefix and eight characters from `0-9a-z`, such as `havip-9o233uri`.

use std::{fmt, num::NonZeroU64, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

use crate::protocol::{decode::deserialize_text, text::Ascii};

/// Characters after the prefix.
pub const TAIL_CHARS: usize = 8;
/// Allowed characters after the prefix.
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Number of possible IDs of one kind.
const SPACE: u64 = HALF_SPACE * HALF_SPACE;
/// Characters in each half after the prefix.
const HALF_CHARS: usize = TAIL_CHARS / 2;
/// Number of possible halves.
const HALF_SPACE: u64 = 36_u64.pow(4);

/// The position of an ID in the sequence of all IDs of a kind. Every kind has the same sequence.
///
/// IDs are kept as their positions, and their characters are a shuffle of the position. An
/// [`IdSequence`] allocates consecutive positions, so a table adds a resource next to the previous one,
/// which the CPU has in its cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(
    /// The position, counted from 1.
    NonZeroU64,
);

/// A string that is not an ID of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `{prefix}` followed by {TAIL_CHARS} characters from 0-9 and a-z")]
pub struct BadId {
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Rank);

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text, $prefix).map(Self).ok_or(BadId { prefix: $prefix })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(text($prefix, self.0).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                parse(text, $prefix) == Some(self.0)
            }
        }

        impl Id for $name {
            const PREFIX: &'static str = $prefix;

            fn new(rank: Rank) -> Self {
                Self(rank)
            }

            fn rank(self) -> Rank {
                self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(text($prefix, self.0).as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer)
            }
        }
    )*};
}

ids! {
    /// `vpc-xxxxxxxx`.
    VpcId = "vpc-";
    /// `subnet-xxxxxxxx`.
    SubnetId = "subnet-";
    /// `havip-xxxxxxxx`.
    HaVipId = "havip-";
    /// `eni-xxxxxxxx`.
    NetworkInterfaceId = "eni-";
    /// `ein-xxxxxxxx`.
    InstanceId = "ein-";
    /// `eip-xxxxxxxx`.
    AddressId = "eip-";
    /// `esg-xxxxxxxx`.
    SecurityGroupId = "esg-";
}

impl NetworkInterfaceId {
    /// Returns the MAC address of the interface, which is derived from the ID.
    pub fn mac_address(self) -> String {
        let [_, _, _, _, _, a, b, c] = mix(self.0.number()).to_be_bytes();
        format!("20:90:6F:{a:02X}:{b:02X}:{c:02X}")
    }
}

/// An ID of a resource.
pub trait Id: Copy + Ord + fmt::Display + FromStr<Err = BadId> + 'static {
    /// Characters before the first one that differs between IDs.
    const PREFIX: &'static str;

    /// Creates the ID at a position.
    fn new(rank: Rank) -> Self;

    /// Returns the position of the ID.
    fn rank(self) -> Rank;
}

/// ID of a task: digits, such as `202869021`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

/// Number of task IDs. The first has as many digits as the last.
const TASK_IDS: u64 = 900_000_000;

/// A string that is not the ID of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be digits such as 202869021")]
pub struct BadTaskId;

impl FromStr for TaskId {
    type Err = BadTaskId;

    fn from_str(text: &str) -> Result<Self, BadTaskId> {
        let id = text.parse().map(Self).map_err(|_| BadTaskId)?;
        if id.to_string() == text { Ok(id) } else { Err(BadTaskId) }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for TaskId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn parse(text: &str, prefix: &str) -> Option<Rank> {
    let tail: &[u8; TAIL_CHARS] = text.strip_prefix(prefix)?.as_bytes().try_into().ok()?;
    let (left, right) = tail.split_first_chunk()?;
    Some(Rank::of([read_half(*left)?, read_half(right.try_into().ok()?)?]))
}

fn read_half(text: [u8; HALF_CHARS]) -> Option<u64> {
    text.into_iter().try_fold(0, |half, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            _ => return None,
        };
        Some(half * 36 + u64::from(digit))
    })
}

impl Rank {
    const fn new(position: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(position))
    }

    const fn position(self) -> u64 {
        self.0.get() - 1
    }

    /// Returns the numbers that the halves of the characters spell: a shuffle of the position.
    ///
    /// The shuffle is a Feistel network, which is a bijection whatever the rounds mix.
    fn halves(self) -> [u64; 2] {
        let [left, right] = [self.position() / HALF_SPACE, self.position() % HALF_SPACE];
        (0..ROUNDS)
            .fold([left, right], |[left, right], round| [right, modulo(left + mixed(right, round))])
    }

    /// Returns the rank of an ID: the inverse of [`Rank::halves`].
    fn of(halves: [u64; 2]) -> Self {
        let [left, right] = (0..ROUNDS).rev().fold(halves, |[left, right], round| {
            [modulo(right + HALF_SPACE - mixed(left, round)), left]
        });
        Self::new(left * HALF_SPACE + right)
    }

    /// Returns the number that the characters of the ID spell.
    fn number(self) -> u64 {
        let [left, right] = self.halves();
        left * HALF_SPACE + right
    }
}

/// Returns the text of an ID.
pub(super) fn text(prefix: &str, rank: Rank) -> Ascii<16> {
    let [left, right] = rank.halves().map(write_half);
    Ascii::new([prefix.as_bytes(), &left, &right])
}

fn write_half(half: u64) -> [u8; HALF_CHARS] {
    // Two divisions can run at the same time.
    let [left, right] = [half / (36 * 36), half % (36 * 36)];
    let digits = [left / 36, left % 36, right / 36, right % 36];
    digits.map(|digit| *ALPHABET.get((digit % 36) as usize).expect("36 characters"))
}

/// The sequence of an account's IDs: a walk through its own lane of a shuffled ID space.
///
/// The shuffle is a fixed permutation of the numbers of all IDs. So lanes never overlap, used IDs
/// need not be stored, and the same lane and calls produce the same IDs. An account that exhausts
/// its lane continues in 15 other lanes. Another account may begin with one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdSequence {
    lane: u64,
    next: u64,
    capacity: u64,
}

/// Number of lanes.
pub const LANES: u64 = SPACE / IDS_PER_LANE;
/// IDs in one lane.
const IDS_PER_LANE: u64 = 1 << 20;
/// Lanes that an account walks through before its IDs start over.
const LANES_PER_ACCOUNT: u64 = 16;
/// Distinct IDs of an account, and so its maximum number of resources of one kind.
pub const IDS_PER_ACCOUNT: u64 = LANES_PER_ACCOUNT * IDS_PER_LANE;
/// Rounds of the shuffle of IDs.
const ROUNDS: u64 = 4;

impl IdSequence {
    /// Creates a sequence at the start of lane `lane` modulo [`LANES`].
    pub const fn new(lane: u64) -> Self {
        Self { lane: lane % LANES, next: 0, capacity: IDS_PER_ACCOUNT }
    }

    /// Returns the sequence of a lane after a number of IDs.
    pub const fn resumed(lane: u64, allocated: u64) -> Self {
        let start = Self::new(lane);
        Self { next: allocated % start.capacity, ..start }
    }

    /// Returns the number of IDs allocated so far, since the sequence started over.
    pub const fn allocated(&self) -> u64 {
        self.next
    }

    /// Returns the same sequence, which starts over after `capacity` IDs.
    #[cfg(test)]
    pub(in crate::ecm) const fn with_capacity(self, capacity: u64) -> Self {
        Self { capacity, ..self }
    }

    /// Returns the number of distinct IDs before the sequence starts over.
    pub fn capacity(&self) -> usize {
        usize::try_from(self.capacity).unwrap_or(usize::MAX)
    }

    /// Returns the rank of the next ID.
    pub fn next_rank(&mut self) -> Rank {
        let lane = self.lane + self.next / IDS_PER_LANE * (LANES / LANES_PER_ACCOUNT);
        let position = lane % LANES * IDS_PER_LANE + self.next % IDS_PER_LANE;
        self.next = (self.next + 1) % self.capacity;
        Rank::new(position)
    }

    /// Returns the next task ID.
    pub fn next_task(&mut self) -> TaskId {
        TaskId(self.next_rank().number() % TASK_IDS + TASK_IDS / 9)
    }
}

/// Returns the sum of two numbers below [`HALF_SPACE`], modulo `HALF_SPACE`.
const fn modulo(sum: u64) -> u64 {
    if sum < HALF_SPACE { sum } else { sum - HALF_SPACE }
}

/// Mixes a half to a number below [`HALF_SPACE`]: the upper bits of a product depend on all bits of its
/// factors.
const fn mixed(half: u64, round: u64) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (half << 2 | round).wrapping_add(1).wrapping_mul(FACTOR);
    (((mixed ^ mixed >> 29).wrapping_mul(FACTOR) >> 32) * HALF_SPACE) >> 32
}

/// Mixes a seed and a text.
pub fn mix_text(seed: u64, text: &str) -> u64 {
    let start = mix(seed ^ text.len() as u64);
    text.as_bytes().chunks(size_of::<u64>()).fold(start, |mixed, chunk| {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        mix(mixed ^ word)
    })
}

/// Mixes bits with the finalizer of `SplitMix64`: each input bit flips half of the output bits on
/// average.
pub const fn mix(input: u64) -> u64 {
    let input = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let input = (input ^ (input >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let input = (input ^ (input >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    input ^ (input >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_id_is_a_prefix_and_eight_characters() {
        assert_eq!("vpc-m0c2kcun".parse::<VpcId>().unwrap().to_string(), "vpc-m0c2kcun");
        for text in [
            "",
            "vpc-",
            "vpc-xyz",
            "vpc-m0c2kcunx",
            "vpc-M0C2KCUN",
            "subnet-m0c2kcun",
            "vpc-m0c2kcü",
        ] {
            let error = text.parse::<VpcId>().unwrap_err().to_string();
            assert_eq!(error, "must be `vpc-` followed by 8 characters from 0-9 and a-z", "{text}");
        }
    }

    #[test]
    fn ids_of_neighboring_lanes_are_distinct() {
        let mut seen = HashSet::new();
        for lane in [0, 1, 2, LANES - 1] {
            let mut ids = IdSequence::new(lane);
            for _ in 0..20_000 {
                let id = VpcId::new(ids.next_rank());
                assert_eq!(id.to_string().parse(), Ok(id));
                assert!(seen.insert(id.to_string()));
            }
        }
    }

    #[test]
    fn ids_start_over_after_sixteen_lanes() {
        let start = IdSequence::new(LANES - 1);
        let at = |next| IdSequence { next, ..start.clone() }.next_rank();
        let lanes = 0..LANES_PER_ACCOUNT;
        let edges = lanes.flat_map(|it| [it * IDS_PER_LANE, (it + 1) * IDS_PER_LANE - 1]);
        let numbers: HashSet<Rank> = edges.map(at).collect();
        assert_eq!(numbers.len(), 32);

        let mut last = IdSequence { next: IDS_PER_ACCOUNT - 1, ..start.clone() };
        assert!(numbers.contains(&last.next_rank()));
        assert_eq!(last, start);
        assert_eq!(start.capacity(), 16 * 1024 * 1024);
    }

    #[test]
    fn consecutive_ids_have_consecutive_ranks() {
        let mut ids = IdSequence::new(123_456);
        let first = ids.next_rank().position();
        for number in 1..20_000 {
            assert_eq!(ids.next_rank().position(), first + number);
        }
    }

    #[test]
    fn every_number_has_a_rank() {
        let numbers = (0..SPACE).step_by(0x3_1415_9265);
        for number in [0, 1, SPACE - 1].into_iter().chain(numbers) {
            let rank = Rank::of([number / HALF_SPACE, number % HALF_SPACE]);
            assert!(rank.position() < SPACE);
            assert_eq!(rank.number(), number);
        }
    }
}
