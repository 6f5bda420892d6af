package app

import (
	"math"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook/receive"
)

// idleBytes is what a connection costs that does nothing, measured.
const idleBytes = 20 << 10

// crowd bounds the connections of both listeners, and counts the closed ones in r.
func crowd(r prometheus.Registerer) (public, admin receive.Connections) {
	closed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "bauta_connections_closed_total",
		Help: "Connections closed because too many were open: idle (the longest idle one, for a new one) or new (all were at work).",
	}, []string{"listener", "connection"})
	r.MustRegister(closed)
	bound := func(listener string, most int) receive.Connections {
		of := closed.MustCurryWith(prometheus.Labels{"listener": listener})
		for _, connection := range []string{"idle", "new"} {
			of.WithLabelValues(connection)
		}
		return receive.Connections{Most: most, Closed: func(connection string) { of.WithLabelValues(connection).Inc() }}
	}
	most := connections()
	return bound("public", most), bound("admin", max(most/16, 16))
}

// connections is how many connections strangers may have open: no more than half of the
// files that the process may, so that there are some left for the store and the
// endpoints, nor than a quarter of its memory holds.
func connections() int {
	most := min(int64(receive.MostConnections), openFiles()/2)
	if memory := memoryPart(4); memory > 0 {
		most = min(most, memory/idleBytes)
	}
	return int(max(most, 1))
}

// memoryPart is one part in so many of what GOMEMLIMIT gives the process, in bytes; 0
// without it.
func memoryPart(of int64) int64 {
	all := debug.SetMemoryLimit(-1)
	if all == math.MaxInt64 {
		return 0
	}
	return all / of
}
