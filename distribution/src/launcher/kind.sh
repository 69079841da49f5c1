# Read by both launchers (POSIX sh): which options and which start-up cache a command takes, in $kind.
# Written by ./format from the list of commands.
kind_of() {
  case $1 in
    serve) kind=serve ;;
    mirror | copy | verify | prune | inspect | digest | tags | cache | doctor | notify) kind=mirror ;;
    *) kind=pin ;;
  esac
}
