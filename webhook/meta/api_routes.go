package meta

// forwardedRoutes lists the calls that are made, by family.
func forwardedRoutes() []routeRow {
	return []routeRow{
		{
			name: "messages", method: "POST", object: PhoneNumberObject, edge: "messages", family: Messages,
			handling: Forward, body: "send", answer: "sent", sends: true,
		},
	}
}
