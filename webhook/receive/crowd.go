package receive

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// crowd bounds the open connections of a server: who does nothing gives way, the
// longest idle first. Somebody who opens connections and leaves them idle costs so many
// at most, and keeps nobody out; where all are at work the new one is closed.
type crowd struct {
	most   int
	closed func(reason string)

	mu sync.Mutex
	// open are all connections, with their place in idle; nil of those at work.
	open map[net.Conn]*list.Element
	idle *list.List
}

func newCrowd(most int, closed func(reason string)) *crowd {
	return &crowd{most: most, closed: closed, open: map[net.Conn]*list.Element{}, idle: list.New()}
}

// state is for http.Server.ConnState.
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	if leaves := c.note(conn, s); leaves != nil {
		reason := closedIdle
		if leaves == conn {
			reason = closedNew
		}
		c.closed(reason)
		_ = leaves.Close() // the server notices, and says so by another state
	}
}

// note keeps account, and returns the connection that has to go, if one has.
func (c *crowd) note(conn net.Conn, s http.ConnState) (leaves net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch s {
	case http.StateNew:
		if len(c.open) >= c.most {
			longest := c.idle.Front()
			if longest == nil {
				return conn
			}
			leaves, _ = longest.Value.(net.Conn)
			c.forget(leaves)
		}
		c.open[conn] = c.idle.PushBack(conn)
	case http.StateActive:
		if place, known := c.open[conn]; known && place != nil {
			c.idle.Remove(place)
			c.open[conn] = nil
		}
	case http.StateIdle:
		if place, known := c.open[conn]; known && place == nil {
			c.open[conn] = c.idle.PushBack(conn)
		}
	case http.StateHijacked, http.StateClosed:
		c.forget(conn)
	}
	return leaves
}

func (c *crowd) forget(conn net.Conn) {
	if place := c.open[conn]; place != nil {
		c.idle.Remove(place)
	}
	delete(c.open, conn)
}
