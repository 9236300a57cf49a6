# bash completion of ita-gateway; printed by `ita-gateway completion bash`. The words come from the
# tables of the installed program (`ita-gateway completion words`), so they are always those it takes.
_ita_gateway()
{
    local word=${COMP_WORDS[COMP_CWORD]} line candidates=()
    COMPREPLY=()
    while IFS=$'\t' read -r line _; do
        if [[ $line == '<FILE>' ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames 2>/dev/null
            return
        fi
        candidates+=("$line")
    done < <("${COMP_WORDS[0]}" completion words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${#candidates[@]} -gt 0 ]] &&
        mapfile -t COMPREPLY < <(compgen -W "${candidates[*]}" -- "$word")
}
complete -F _ita_gateway ita-gateway
