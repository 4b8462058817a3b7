//! IDs of resources: a prefix and eight characters from `0-9a-z`, such as `havip-9o233uri`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::protocol::text::BacktickedValue;

/// Characters after the prefix.
pub const TAIL_CHARS: usize = 8;
/// Allowed characters after the prefix.
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Number of possible IDs of one kind.
const SPACE: u64 = 36_u64.pow(8);

/// The eight characters after the prefix.
pub type Tail = [u8; TAIL_CHARS];

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
        pub struct $name(Tail);

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text, $prefix).map(Self).ok_or(BadId { prefix: $prefix })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(std::str::from_utf8(&self.0).map_err(|_| fmt::Error)?)
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
            fn new(tail: Tail) -> Self {
                Self(tail)
            }

            fn rank(self) -> u64 {
                rank(self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(|bad| {
                    de::Error::custom(format_args!("{} {bad}", BacktickedValue(&text)))
                })
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
        let [_, _, _, _, _, a, b, c] = mix(u64::from_be_bytes(self.0)).to_be_bytes();
        format!("20:90:6F:{a:02X}:{b:02X}:{c:02X}")
    }
}

/// An ID of a resource.
pub trait Id: Copy + Ord + fmt::Display + FromStr<Err = BadId> + 'static {
    /// Creates the ID that ends in `tail`.
    fn new(tail: Tail) -> Self;

    /// Returns the position of the ID in the sequence of all IDs.
    ///
    /// An [`IdSequence`] allocates consecutive positions. A table in this order therefore adds a
    /// resource next to the previous one, which the CPU has in its cache.
    fn rank(self) -> u64;
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

fn parse(text: &str, prefix: &str) -> Option<Tail> {
    let tail: Tail = text.strip_prefix(prefix)?.as_bytes().try_into().ok()?;
    tail.iter().all(|byte| ALPHABET.contains(byte)).then_some(tail)
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
/// Bits of each half of a number in the shuffle. Two halves cover [`SPACE`].
const HALF_BITS: u32 = 21;
const ROUNDS: u64 = 4;

impl IdSequence {
    /// Creates a sequence at the start of lane `lane` modulo [`LANES`].
    pub const fn new(lane: u64) -> Self {
        Self { lane: lane % LANES, next: 0, capacity: IDS_PER_ACCOUNT }
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

    /// Returns the next ID.
    pub fn next_tail(&mut self) -> Tail {
        tail(self.next_number())
    }

    /// Returns the next task ID.
    pub fn next_task(&mut self) -> TaskId {
        TaskId(self.next_number() % TASK_IDS + TASK_IDS / 9)
    }

    fn next_number(&mut self) -> u64 {
        let lane = self.lane + self.next / IDS_PER_LANE * (LANES / LANES_PER_ACCOUNT);
        let mut number = lane % LANES * IDS_PER_LANE + self.next % IDS_PER_LANE;
        self.next = (self.next + 1) % self.capacity;
        // The shuffle permutes 42-bit numbers, slightly more than the space. Repeat it until the
        // number is in the space.
        loop {
            number = shuffle(number);
            if number < SPACE {
                return number;
            }
        }
    }
}

/// Returns the position of the ID that ends in `tail`: the inverse of [`IdSequence::next_tail`].
fn rank(tail: Tail) -> u64 {
    let digit = |byte: u8| u64::from(if byte < b'a' { byte - b'0' } else { byte - b'a' + 10 });
    let mut number = tail.into_iter().fold(0, |number, byte| number * 36 + digit(byte));
    loop {
        number = unshuffle(number);
        if number < SPACE {
            return number;
        }
    }
}

const HALF_MASK: u64 = (1 << HALF_BITS) - 1;

/// Permutes a number with a Feistel network, which is a bijection whatever the rounds mix.
fn shuffle(number: u64) -> u64 {
    let halves = (number >> HALF_BITS, number & HALF_MASK);
    let (left, right) =
        (0..ROUNDS).fold(halves, |(left, right), round| (right, left ^ mixed(right, round)));
    left << HALF_BITS | right
}

/// The inverse of [`shuffle`].
fn unshuffle(number: u64) -> u64 {
    let halves = (number >> HALF_BITS, number & HALF_MASK);
    let (left, right) =
        (0..ROUNDS).rev().fold(halves, |(left, right), round| (right ^ mixed(left, round), left));
    left << HALF_BITS | right
}

/// Mixes a half: the upper bits of a product depend on all bits of its factors.
const fn mixed(half: u64, round: u64) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    (half << 2 | round).wrapping_add(1).wrapping_mul(FACTOR).rotate_left(23).wrapping_mul(FACTOR)
        >> (u64::BITS - HALF_BITS)
}

/// Mixes bits with the finalizer of `SplitMix64`: each input bit flips half of the output bits on
/// average.
const fn mix(input: u64) -> u64 {
    let input = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let input = (input ^ (input >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let input = (input ^ (input >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    input ^ (input >> 31)
}

fn tail(mut number: u64) -> Tail {
    let mut tail = [0; TAIL_CHARS];
    for byte in tail.iter_mut().rev() {
        *byte = *ALPHABET.get((number % 36) as usize).expect("36 characters");
        number /= 36;
    }
    tail
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
                assert!(seen.insert(ids.next_tail()));
            }
        }
        assert!(seen.iter().flatten().all(|byte| ALPHABET.contains(byte)));
    }

    #[test]
    fn ids_start_over_after_sixteen_lanes() {
        let start = IdSequence::new(LANES - 1);
        let at = |next| IdSequence { next, ..start.clone() }.next_number();
        let lanes = 0..LANES_PER_ACCOUNT;
        let edges = lanes.flat_map(|it| [it * IDS_PER_LANE, (it + 1) * IDS_PER_LANE - 1]);
        let numbers: HashSet<u64> = edges.map(at).collect();
        assert_eq!(numbers.len(), 32);

        let mut last = IdSequence { next: IDS_PER_ACCOUNT - 1, ..start.clone() };
        assert!(numbers.contains(&last.next_number()));
        assert_eq!(last, start);
        assert_eq!(start.capacity(), 16 * 1024 * 1024);
    }

    #[test]
    fn consecutive_ids_have_consecutive_ranks() {
        let lane = 123_456;
        let mut ids = IdSequence::new(lane);
        for number in 0..20_000 {
            assert_eq!(rank(ids.next_tail()), lane * IDS_PER_LANE + number);
        }
    }

    #[test]
    fn every_id_has_a_rank_of_its_own() {
        let numbers = (0..SPACE).step_by(0x3_1415_9265);
        let numbers = [0, 1, SPACE - 1].into_iter().chain(numbers);
        for number in numbers {
            let mut ids = IdSequence { lane: 0, next: 0, capacity: SPACE };
            let rank = rank(tail(number));
            (ids.lane, ids.next) = (rank / IDS_PER_LANE, rank % IDS_PER_LANE);
            assert_eq!(ids.next_number(), number);
        }
    }
}
