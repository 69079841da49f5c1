# Read by both launchers (POSIX sh): which options and which start-up cache a command takes, in $kind.
kind_of() {
  case $1 in
    serve) kind=serve ;;
    pin | bump | promote | check | config | completion | '' | -*) kind=pin ;;
    *) kind=mirror ;;
  esac
}
