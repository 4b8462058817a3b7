
use builtin;
use str;

set edit:completion:arg-completer[ecmock] = {|@words|
fn spaces {|n|
builtin:repeat $n ' ' | str:join ''
}
fn cand {|text desc|
edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
}
var command = 'ecmock'
for word $words[1..-1] {
if (str:has-prefix $word '-') {
break
}
set command = $command';'$word
}
var completions = [
&'ecmock'= {
cand --fixture 'Initial state, or none'
cand --auth 'Authentication: open or verify'
cand --credential 'Credential to accept'
cand --rate-limit 'Calls per second and action'
cand --quota 'Quota, for example havips-per-vpc=10'
cand --settle 'When state changes complete'
cand --visible-after 'When created resources are visible'
cand --seed 'Seed for all IDs'
cand --clock 'Freeze the clock'
cand --fault 'Fault rules for every account, as a JSON file'
cand --journal-entries 'Calls kept in each journal'
cand --journal-bytes 'Bytes kept in all journals'
cand --state-dir 'Directory that keeps the state of accounts'
cand --tls-dir 'Directory for the CA'
cand --tls-name 'Additional name for the TLS certificate'
cand --admin-host 'Additional host name of the admin API'
cand --log 'Log format: pretty or json'
cand --listen 'Address to listen on'
cand --state-sync 'Write changes to the disk at once'
cand --stop-on-stdin-eof 'Stop when stdin closes'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
cand -V 'Print version'
cand --version 'Print version'
cand serve 'Run the server (default command)'
cand actions 'List actions, or show one with its parameters and errors'
cand check 'Validate fixtures'
cand env 'Print shell commands that configure tccli and the SDKs'
cand healthcheck 'Check whether a server is ready'
cand wait 'Wait until a server is ready'
cand doctor 'Find mistakes in the setup of this machine'
cand completions 'Print a completion script for a shell'
}
&'ecmock;serve'= {
cand --fixture 'Initial state, or none'
cand --auth 'Authentication: open or verify'
cand --credential 'Credential to accept'
cand --rate-limit 'Calls per second and action'
cand --quota 'Quota, for example havips-per-vpc=10'
cand --settle 'When state changes complete'
cand --visible-after 'When created resources are visible'
cand --seed 'Seed for all IDs'
cand --clock 'Freeze the clock'
cand --fault 'Fault rules for every account, as a JSON file'
cand --journal-entries 'Calls kept in each journal'
cand --journal-bytes 'Bytes kept in all journals'
cand --state-dir 'Directory that keeps the state of accounts'
cand --tls-dir 'Directory for the CA'
cand --tls-name 'Additional name for the TLS certificate'
cand --admin-host 'Additional host name of the admin API'
cand --log 'Log format: pretty or json'
cand --listen 'Address to listen on'
cand --state-sync 'Write changes to the disk at once'
cand --stop-on-stdin-eof 'Stop when stdin closes'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;actions'= {
cand --json 'Print JSON'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;check'= {
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;env'= {
cand --listen 'Address of the server'
cand --hosts 'Print hosts entries for the vendor''s names instead'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;healthcheck'= {
cand --listen 'Address of the server'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;wait'= {
cand --listen 'Address of the server'
cand --timeout 'Time limit, for example 2m'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;doctor'= {
cand --endpoint 'Endpoint of the clients'
cand --listen 'Address of the server'
cand --json 'Print JSON'
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
&'ecmock;completions'= {
cand -h 'Print help (see more with ''--help'')'
cand --help 'Print help (see more with ''--help'')'
}
]
$completions[$command]
}
