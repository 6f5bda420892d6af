// Command speed measures what Bauta costs, beside the least that could do the same on
// the same machine in the same run: the floor is a bare Echo server that checks the
// signature and stores the body in one round trip to Redis, and a bare client that
// posts the same bodies to the same endpoint.
//
// The absolute figures are this machine's and this moment's; the ratios are what can
// be compared. Every round measures every subject, so that what disturbs a round
// disturbs all of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be released
	}
}

// run is either a part of the floor, which is a process of its own so that its CPU
// time can be told apart, or the measurement.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "floor-receive":
			return floorReceive(ctx, args[1:], out)
		case "floor-deliver":
			return floorDeliver(ctx, args[1:])
		}
	}
	p := plan{}
	flags := flag.NewFlagSet("speed", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.StringVar(&p.bauta, "bauta", "", "the bauta binary that is measured")
	flags.IntVar(&p.rounds, "rounds", 5, "rounds; the table shows the median and the spread over them")
	flags.IntVar(&p.events, "events", 6000, "events of a round and subject, one a POST, and again in batches of 1000")
	flags.IntVar(&p.customers, "customers", 500, "customers who write")
	flags.IntVar(&p.lanes, "connections", 32, "connections that post, and requests at once to the endpoint")
	flags.DurationVar(&p.steady, "steady", defaultSteady, "how long the steady loads are, which latencies are taken of")
	flags.Var(&p.many, "many", "instead, what an event costs among so many customers, each with a lane that waits; numbers with commas between them")
	flags.Var(&p.businesses, "businesses", "instead, or too, what an event costs among so many businesses")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if p.bauta == "" {
		return errors.New("-bauta is missing: build it (make build) and name the binary")
	}
	if len(p.many)+len(p.businesses) > 0 {
		return p.scale(ctx, out, progress)
	}
	return p.measure(ctx, out, progress)
}
