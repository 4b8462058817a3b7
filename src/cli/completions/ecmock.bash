_ecmock() {
local i cur prev opts cmd
COMPREPLY=()
if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
cur="$2"
else
cur="${COMP_WORDS[COMP_CWORD]}"
fi
prev="$3"
cmd=""
opts=""

for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
do
case "${cmd},${i}" in
",$1")
cmd="ecmock"
;;
ecmock,actions)
cmd="ecmock__subcmd__actions"
;;
ecmock,check)
cmd="ecmock__subcmd__check"
;;
ecmock,completions)
cmd="ecmock__subcmd__completions"
;;
ecmock,doctor)
cmd="ecmock__subcmd__doctor"
;;
ecmock,env)
cmd="ecmock__subcmd__env"
;;
ecmock,healthcheck)
cmd="ecmock__subcmd__healthcheck"
;;
ecmock,serve)
cmd="ecmock__subcmd__serve"
;;
ecmock,wait)
cmd="ecmock__subcmd__wait"
;;
*)
;;
esac
done

case "${cmd}" in
ecmock)
opts="-h -V --fixture --auth --credential --rate-limit --quota --settle --visible-after --seed --clock --fault --journal-entries --journal-bytes --state-dir --state-sync --tls-dir --tls-name --admin-host --log --stop-on-stdin-eof --listen --help --version serve actions check env healthcheck wait doctor completions"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
--fixture)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--auth)
COMPREPLY=($(compgen -W "open verify" -- "${cur}"))
return 0
;;
--credential)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--rate-limit)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--quota)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--settle)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--visible-after)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--seed)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--clock)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--fault)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--journal-entries)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--journal-bytes)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--state-dir)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--tls-dir)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--tls-name)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--admin-host)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--log)
COMPREPLY=($(compgen -W "pretty json" -- "${cur}"))
return 0
;;
--listen)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__actions)
opts="-h --json --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__check)
opts="-h --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__completions)
opts="-h --help bash elvish fish powershell zsh"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__doctor)
opts="-h --endpoint --listen --json --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
--endpoint)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--listen)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__env)
opts="-h --listen --hosts --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
--listen)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__healthcheck)
opts="-h --listen --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
--listen)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__serve)
opts="-h --fixture --auth --credential --rate-limit --quota --settle --visible-after --seed --clock --fault --journal-entries --journal-bytes --state-dir --state-sync --tls-dir --tls-name --admin-host --log --stop-on-stdin-eof --listen --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
--fixture)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--auth)
COMPREPLY=($(compgen -W "open verify" -- "${cur}"))
return 0
;;
--credential)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--rate-limit)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--quota)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--settle)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--visible-after)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--seed)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--clock)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--fault)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--journal-entries)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--journal-bytes)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--state-dir)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--tls-dir)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--tls-name)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--admin-host)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--log)
COMPREPLY=($(compgen -W "pretty json" -- "${cur}"))
return 0
;;
--listen)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
ecmock__subcmd__wait)
opts="-h --listen --timeout --help"
if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
fi
case "${prev}" in
--listen)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
--timeout)
COMPREPLY=($(compgen -f "${cur}"))
return 0
;;
*)
COMPREPLY=()
;;
esac
COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
return 0
;;
esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
complete -F _ecmock -o nosort -o bashdefault -o default ecmock
else
complete -F _ecmock -o bashdefault -o default ecmock
fi
