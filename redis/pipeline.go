package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// pipelined bounds one pipeline: a server buffers all its replies.
const pipelined = 1000

// Do sends one call and waits for the acknowledgement of Commit.
func (s *Store) Do(ctx context.Context, c Call) Result { return s.Commit(ctx, []Call{c})[0] }

// Pipeline sends calls in one round trip a node and returns their results in
// the order of the calls. It is for reads, and for writes that may be lost: it
// does not wait for an acknowledgement. Nothing is sent twice but a script that
// the server did not know. Calls are independent: do not rely on their order.
func (s *Store) Pipeline(ctx context.Context, calls []Call) []Result {
	if s.reads != nil && len(calls) <= smallCall {
		return s.reads.send(ctx, calls)
	}
	return s.batches(ctx, calls, s.exchange)
}

// Commit is Pipeline for writes: a result without error is stored at the
// configured acknowledgement level.
func (s *Store) Commit(ctx context.Context, calls []Call) []Result {
	if !s.proof.asked() {
		return s.Pipeline(ctx, calls)
	}
	if s.writes != nil && len(calls) <= smallCall {
		return s.writes.send(ctx, calls)
	}
	return s.batches(ctx, calls, s.proven)
}

// Replicated is Pipeline for writes that a fail-over must not take back: at
// acknowledgement level Replica it is Commit. What Pipeline sends of them is taken back
// where two servers take themselves for the master, whatever came of it meanwhile.
func (s *Store) Replicated(ctx context.Context, calls []Call) []Result {
	if !s.replicated {
		return s.Pipeline(ctx, calls)
	}
	return s.Commit(ctx, calls)
}

type exchange func(ctx context.Context, calls []Call, whole bool) []Result

func (s *Store) batches(ctx context.Context, calls []Call, send exchange) []Result {
	out := make([]Result, 0, len(calls))
	for start := 0; start < len(calls); start += pipelined {
		part := calls[start:min(start+pipelined, len(calls))]
		out = append(out, complete(ctx, part, send)...)
	}
	s.relearn(ctx, out)
	return out
}

// relearn has a cluster asked anew who owns which slot where a result may come from a
// fail-over: the client itself would go on asking a master that is gone until its
// next turn, which is a minute away, and one that was replaced where it is asked as a
// single server. It does not wait for the answer, and many calls ask once.
func (s *Store) relearn(ctx context.Context, results []Result) {
	failed := func(r Result) bool { return errors.Is(r.Err, ErrUnavailable) }
	if !slices.ContainsFunc(results, failed) {
		return
	}
	for _, client := range []goredis.UniversalClient{s.client, s.waits} {
		if cluster, ok := client.(*goredis.ClusterClient); ok {
			cluster.ReloadState(ctx)
		}
	}
}

// complete repeats the scripts that a server did not know, this time with their
// text, which loads them there. They were refused before they ran.
func complete(ctx context.Context, calls []Call, send exchange) []Result {
	out := send(ctx, calls, false)
	var again []Call
	var places []int
	for i, r := range out {
		if errors.Is(r.Err, errNoScript) {
			again, places = append(again, calls[i]), append(places, i)
		}
	}
	if len(again) == 0 {
		return out
	}
	for i, r := range send(ctx, again, true) {
		out[places[i]] = r
	}
	return out
}

var errNoScript = errors.New("script not loaded")

// exchange sends calls to the nodes that own their slots.
func (s *Store) exchange(ctx context.Context, calls []Call, whole bool) []Result {
	if len(calls) == 1 {
		cmd := calls[0].cmd(ctx, whole)
		_ = s.client.Process(ctx, cmd)
		return s.followed(ctx, calls, []Result{result(cmd)}, manner{whole: whole})
	}
	cmds := make([]*goredis.Cmd, len(calls))
	pipe := s.client.Pipeline()
	for i := range calls {
		cmds[i] = calls[i].cmd(ctx, whole)
		_ = pipe.Process(ctx, cmds[i])
	}
	_, err := pipe.Exec(ctx)
	return s.followed(ctx, calls, results(cmds, err), manner{whole: whole})
}

// results reads what a pipeline came to. Not every failed exchange marks all of
// its commands, so a failed one never passes for a nil reply.
func results(cmds []*goredis.Cmd, failed error) []Result {
	out := make([]Result, len(cmds))
	for i, cmd := range cmds {
		out[i] = result(cmd)
		if out[i].Err == nil && cmd.Val() == nil && !errors.Is(cmd.Err(), goredis.Nil) && failed != nil {
			out[i].Err = fault(failed)
		}
	}
	return out
}

func result(cmd *goredis.Cmd) Result {
	err := cmd.Err()
	if err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") {
		return Result{Err: errNoScript}
	}
	if way := redirected(err); way != nil {
		return Result{Err: way}
	}
	if f := fault(err); f != nil {
		return Result{Err: f}
	}
	return Result{Value: cmd.Val()}
}

// proven sends the calls of each master over one connection, followed by the
// question whether what this connection wrote is where it has to be.
func (s *Store) proven(ctx context.Context, calls []Call, whole bool) []Result {
	out := make([]Result, len(calls))
	groups, err := s.byMaster(ctx, calls)
	if err != nil {
		for i := range out {
			out[i].Err = fault(err)
		}
		return out
	}
	m := manner{whole: whole, proof: s.proof}
	divide(calls, out, groups, func(master *goredis.Client, part []Call) []Result { return at(ctx, master, part, m) })
	return s.followed(ctx, calls, out, m)
}

// divide sends parts of calls at the same time, and puts their results into the places
// that they have among all.
func divide[To comparable](calls []Call, out []Result, groups map[To][]int, send func(To, []Call) []Result) {
	var all sync.WaitGroup
	for to, places := range groups {
		all.Go(func() {
			part := make([]Call, len(places))
			for i, place := range places {
				part[i] = calls[place]
			}
			for i, r := range send(to, part) {
				out[places[i]] = r
			}
		})
	}
	all.Wait()
}

// manner is how calls are sent to one node: whole sends the text of scripts, asking
// tells a node that takes over a slot to answer already, proof asks on the same
// connection where the writes are.
type manner struct {
	whole, asking bool
	proof         proof
}

// at sends calls to one node over one connection.
func at(ctx context.Context, node *goredis.Client, calls []Call, m manner) []Result {
	pipe := node.Pipeline()
	cmds := make([]*goredis.Cmd, len(calls))
	for i := range calls {
		if m.asking {
			pipe.Do(ctx, "ASKING")
		}
		cmds[i] = calls[i].cmd(ctx, m.whole)
		_ = pipe.Process(ctx, cmds[i])
	}
	var answer *goredis.Cmd
	if m.proof.asked() {
		answer = pipe.Do(ctx, m.proof.command...)
	}
	_, err := pipe.Exec(ctx)
	out := results(cmds, err)
	if answer == nil {
		return out
	}
	if short := m.proof.short(answer); short != nil {
		for i := range out {
			if out[i].Err == nil {
				out[i].Err = short
			}
		}
	}
	return out
}

// byMaster groups the places of calls by the master that owns their slot.
func (s *Store) byMaster(ctx context.Context, calls []Call) (map[*goredis.Client][]int, error) {
	groups := map[*goredis.Client][]int{}
	for i, c := range calls {
		var master *goredis.Client
		switch client := s.waits.(type) {
		case *goredis.Client:
			master = client
		case *goredis.ClusterClient:
			m, err := client.MasterForKey(ctx, c.keys[0])
			if err != nil {
				return nil, fault(err)
			}
			master = m
		default:
			return nil, fmt.Errorf("%w: a client of type %T", ErrMisconfigured, client)
		}
		groups[master] = append(groups[master], i)
	}
	return groups, nil
}
