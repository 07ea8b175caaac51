# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for adiemu.  Options, and the words that they take, are those
# of "adiemu COMMAND --help".

# "--name", "--name=ARG" or "--name[=ARG]", and "-n ARG"; one a line
_adiemu_options() {
    "$1" "$2" --help 2>/dev/null | sed -nE \
        -e 's/^ {2,6}(-., +)?(--[a-z-]+(\[?=[^ ]+)?).*/\2/p' \
        -e 's/^ {2,6}-(.) ([A-Za-z][^ ]*).*/-\1 \2/p' \
        -e 's/^ {2,6}-(.), +--[a-z-]+=([^ ]+).*/-\1 \2/p'
}

_adiemu_commands() {
    "$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
}

_adiemu_kernels() {
    "$1" run --kernel=list 2>/dev/null | sed 's/ .*//'
}

# What the ARG of an option may be, of which $4 is there: words, "FILES", or
# nothing
_adiemu_values() {
    case $2 in
    --kernel) _adiemu_kernels "$1"; echo host ;;
    --kernels)
        local name before=
        [[ $4 != *,* ]] || before=${4%,*},
        for name in all lts $(_adiemu_kernels "$1"); do
            printf '%s\n' "$before$name"
        done ;;
    --log)
        local level
        for level in off warn info debug; do
            printf '%s\n' {cpu,mm,swap,tags,syscall,signal,loader,event,all}:$level
        done ;;
    *)  case $3 in
        FILE | RUN.json | PATH*) echo FILES ;;
        *[a-z]'|'[a-z]*) # swap|migrate:PERIOD is "swap:" and "migrate:"
            local words=${3%%[:[]*} colon=${3//[^:]/}
            sed "s/|/${colon:+:}\n/g;s/\$/${colon:+:}/" <<<"$words" ;;
        esac ;;
    esac
}

_adiemu() {
    local adiemu=${COMP_WORDS[0]} line=${COMP_LINE:0:COMP_POINT}
    local command= program= expects= cur word option options candidates
    local -a words
    local commands=$(_adiemu_commands "$adiemu")

    read -ra words <<<"$line"
    cur=
    [[ $line == *[[:space:]] ]] || { cur=${words[-1]}; unset 'words[-1]'; }
    COMPREPLY=()

    # What stands before the word at hand?
    for word in "${words[@]:1}"; do
        if [[ -n $expects ]]; then
            expects=
        elif [[ -z $command ]] && grep -qxFe "$word" <<<"$commands"; then
            command=$word
            options=$(_adiemu_options "$adiemu" "$command")
        elif [[ $word == -* ]]; then
            [[ -n $command ]] || { command=run
                options=$(_adiemu_options "$adiemu" run); }
            [[ $word == *=* ]] || expects=$(sed -nE \
                "s/^${word//[^a-zA-Z0-9-]/}[= ](.*)/\1/p" <<<"$options")
            option=$word
        else
            program=$word
            break
        fi
    done

    if [[ -n $program ]]; then
        : # its own arguments
    elif [[ -n $expects ]]; then
        candidates=$(_adiemu_values "$adiemu" "$option" "$expects" "$cur")
    elif [[ $command == help || ( -z $command && $cur != -* ) ]]; then
        candidates=$commands
    elif [[ $cur == --*=* ]]; then
        option=${cur%%=*}
        options=$(_adiemu_options "$adiemu" "${command:-run}")
        expects=$(sed -nE "s/^$option\[?=([^]]*).*/\1/p" <<<"$options")
        candidates=$(_adiemu_values "$adiemu" "$option" "$expects" \
            "${cur#*=}")
        [[ $candidates == FILES ]] ||
            candidates=$(sed "s/^./$option=&/" <<<"$candidates")
    elif [[ $cur == -* ]]; then
        options=$(_adiemu_options "$adiemu" "${command:-run}")
        candidates=$(sed -nE 's/^(--[a-z-]+)(=?).*/\1\2/p' <<<"$options")
    fi

    if [[ -z $candidates || $candidates == FILES ]]; then
        compopt -o default 2>/dev/null
        return
    fi
    # readline replaces what is after the last "=" or ":" only.
    local part=${cur%"${cur##*[=:]}"}
    while IFS= read -r word; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$part"}")
    done <<<"$candidates"
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:] ]] &&
        compopt -o nospace 2>/dev/null
    # A program may be the first word, too.
    [[ -z $command && $cur != -* ]] && compopt -o default 2>/dev/null
    return 0
}

complete -F _adiemu adiemu
