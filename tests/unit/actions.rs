//! What each action does, and why it refuses to.

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
