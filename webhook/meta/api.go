package meta

// API is what Bauta knows of the platform's API: its routes, and what stands at
// every position of their requests and answers (webhooks.md section 6). It is
// read-only after NewAPI and safe for concurrent use.
type API struct {
	routes []*Route
}
