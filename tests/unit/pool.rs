//! The pool, compared with a list of free addresses.

use std::{collections::BTreeSet, net::Ipv4Addr};

use crate::ecm::pool::{Pool, PoolError};
use ipnet::Ipv4Net;
use proptest::prelude::*;

/// Returns the assignable addresses of a range: all except the first two and the last.
fn assignable(net: Ipv4Net) -> Vec<Ipv4Addr> {
    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
    (first + 2..last).map(Ipv4Addr::from_bits).collect()
}

#[derive(Debug, Clone)]
enum Step {
    Take(Option<u32>),
    GiveBack(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Take(None)),
        (0..80_u32).prop_map(|offset| Step::Take(Some(offset))),
        (0..80_u32).prop_map(Step::GiveBack),
    ]
}

proptest! {
    #[test]
    fn the_pool_allocates_like_a_list_of_free_addresses(
        prefix in 26..=28_u8,
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let net = Ipv4Net::new(Ipv4Addr::new(10, 0, 0, 0), prefix).unwrap();
        let at = |offset| Ipv4Addr::from_bits(net.network().to_bits() + offset);
        let mut pool = Pool::new(net);
        let mut free: BTreeSet<Ipv4Addr> = assignable(net).into_iter().collect();
        for step in steps {
            match step {
                Step::Take(None) => {
                    let expected = free.pop_first().ok_or(PoolError::Exhausted(net));
                    prop_assert_eq!(pool.take(None), expected);
                }
                Step::Take(Some(offset)) => {
                    let address = at(offset);
                    match pool.take(Some(address)) {
                        Ok(taken) => prop_assert!(taken == address && free.remove(&address)),
                        Err(PoolError::InUse(_)) => {
                            prop_assert!(assignable(net).contains(&address) && !free.contains(&address));
                        }
                        Err(PoolError::Outside { .. }) => prop_assert!(!net.contains(&address)),
                        Err(PoolError::Reserved { .. }) => {
                            prop_assert!(net.contains(&address) && !assignable(net).contains(&address));
                        }
                        Err(error @ PoolError::Exhausted(_)) => prop_assert!(false, "{error}"),
                    }
                }
                Step::GiveBack(offset) => {
                    let address = at(offset);
                    if assignable(net).contains(&address) && free.insert(address) {
                        pool.release(address);
                    }
                }
            }
            prop_assert_eq!(pool.available(), free.len() as u64);
        }
    }
}
