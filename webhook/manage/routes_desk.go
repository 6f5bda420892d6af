package manage

import "net/http"

func glanceRoutes() []route {
	span := []string{parameterFrom, parameterTo}
	return []route{
		{
			name: "businesses", method: http.MethodGet, path: root + "/businesses", about: "the businesses that the token sees",
			of: alls, handle: (*Handler).businesses,
		},
		{
			name: "overview", method: http.MethodGet, path: root + "/overview", about: "how things stand, with what became of events over time",
			of: alls, takes: append([]string{parameterStep}, span...), handle: (*Handler).overview,
		},
		{
			name: "decisions", method: http.MethodGet, path: root + "/decisions", about: "which rule decided how often, hour by hour and for each ad",
			takes: span, handle: (*Handler).decisions,
		},
		{
			name: "sharing", method: http.MethodGet, path: root + "/sharing", about: "what customers were asked and decided, hour by hour",
			takes: span, handle: (*Handler).sharing,
		},
	}
}

func endpointRoutes() []route {
	const endpoint = root + "/endpoints/{endpoint}"
	return []route{
		{
			name: "endpoints", method: http.MethodGet, path: root + "/endpoints", about: "how endpoints stand",
			of: alls, handle: (*Handler).endpoints,
		},
		{
			name: "endpoint", method: http.MethodGet, path: endpoint, about: "how one endpoint stands",
			handle: (*Handler).endpoint,
		},
		{
			name: "endpoint_pause", method: http.MethodPost, path: endpoint + "/pause", about: "have nothing sent to an endpoint; events wait",
			body: bodyOf[pauseOrder], handle: (*Handler).pause,
		},
		{
			name: "endpoint_resume", method: http.MethodPost, path: endpoint + "/resume", about: "lift an endpoint's pause, whatever its reason",
			body: bodyOf[struct{}], handle: (*Handler).resume,
		},
		{
			name: "endpoint_test", method: http.MethodPost, path: endpoint + "/test", about: "send an endpoint a test event",
			body: bodyOf[struct{}], handle: (*Handler).test,
		},
		{
			name: "endpoint_handshake", method: http.MethodPost, path: endpoint + "/handshake", about: "do the platform's handshake with an endpoint",
			body: bodyOf[handshakeOrder], handle: (*Handler).handshake,
		},
		{
			name: "lanes", method: http.MethodGet, path: endpoint + "/lanes", about: "what waits for an endpoint, lane by lane, longest first",
			takes: paged(), handle: (*Handler).lanes,
		},
		{
			name: "lane", method: http.MethodGet, path: endpoint + "/lanes/{lane}", about: "what waits in one lane, and its attempts",
			handle: (*Handler).lane,
		},
		{
			name: "attempts", method: http.MethodGet, path: root + "/attempts", about: "the last deliveries that this node tried, newest first",
			of: alls, takes: []string{parameterEndpoint, parameterLimit}, handle: (*Handler).attempts,
		},
		{
			name: "deliveries", method: http.MethodGet, path: root + "/customers/{handle}/deliveries", about: "what is under way under a handle",
			handle: (*Handler).deliveries,
		},
	}
}

func heldRoutes() []route {
	const held = root + "/held-events"
	return []route{
		{
			name: "held_events", method: http.MethodGet, path: held, about: "events that could not be proven clean, oldest first",
			of: holders, takes: paged(), handle: (*Handler).heldEvents,
		},
		{
			name: "held_event_release", method: http.MethodPost, path: held + "/{id}/release", about: "try a held event again; if it is clean by now it is delivered",
			of: holders, body: bodyOf[struct{}], handle: (*Handler).releaseHeld,
		},
		{
			name: "held_event_drop", method: http.MethodPost, path: held + "/{id}/drop", about: "delete a held event for good",
			of: holders, body: bodyOf[struct{}], handle: (*Handler).dropHeld,
		},
	}
}

func letterRoutes() []route {
	const letters = root + "/dead-letters"
	filter := []string{parameterEndpoint, parameterSince, parameterUntil, parameterReason, parameterStatus}
	return []route{
		{
			name: "dead_letters", method: http.MethodGet, path: letters, about: "events that an endpoint would not take, oldest first",
			takes: paged(filter...), handle: (*Handler).letters,
		},
		{
			name: "dead_letters_count", method: http.MethodGet, path: letters + "/count", about: "how many dead letters there are",
			takes: filter, handle: (*Handler).countLetters,
		},
		{
			name: "dead_letter_replay", method: http.MethodPost, path: letters + "/{id}/replay", about: "put a dead letter at the end of its lane",
			body: bodyOf[struct{}], handle: (*Handler).replayLetter,
		},
		{
			name: "dead_letter_drop", method: http.MethodPost, path: letters + "/{id}/drop", about: "delete a dead letter for good",
			body: bodyOf[struct{}], handle: (*Handler).dropLetter,
		},
	}
}

func jobRoutes() []route {
	const jobs = root + "/jobs"
	return []route{
		{
			name: "jobs", method: http.MethodGet, path: jobs, about: "the newest job of each endpoint",
			of: alls, handle: (*Handler).jobs,
		},
		{
			name: "job_begin", method: http.MethodPost, path: jobs, about: "have many dead letters of an endpoint replayed or dropped, at a rate",
			body: bodyOf[jobOrder], handle: (*Handler).beginJob,
		},
		{
			name: "job", method: http.MethodGet, path: jobs + "/{id}", about: "how far a job came",
			handle: (*Handler).job,
		},
		{
			name: "job_cancel", method: http.MethodPost, path: jobs + "/{id}/cancel", about: "end a job",
			body: bodyOf[struct{}], handle: (*Handler).cancelJob,
		},
	}
}

func configurationRoutes() []route {
	const configuration = root + "/configuration"
	return []route{
		{
			name: "tokens", method: http.MethodGet, path: root + "/tokens", about: "which tokens are in force; never a token",
			of: alls, handle: (*Handler).tokens,
		},
		{
			name: "configuration", method: http.MethodGet, path: configuration, about: "the configuration that is in force, without secrets",
			of: installation, handle: (*Handler).configuration,
		},
		{
			name: "configuration_reload", method: http.MethodPost, path: configuration + "/reload", about: "read the configuration anew",
			of: installation, body: bodyOf[struct{}], handle: (*Handler).reload,
		},
	}
}
