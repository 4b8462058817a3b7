//! Behavior and rejections of each action.

mod accounts;
mod address;
mod attachment;
mod binding;
mod config;
mod instance;
mod network_interface;
mod private_ip;
mod subnet;
mod vpc;
