// Command bauta hides WhatsApp customers' phone numbers from businesses.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"bauta/cmd/bauta/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks to stop; a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(app.Main(ctx, os.Args[1:], app.Std{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.LookupEnv, Hangups: hangups}))
}

// hangups takes SIGHUP, which ends the process unless somebody asked for it. Windows has
// none.
func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}
