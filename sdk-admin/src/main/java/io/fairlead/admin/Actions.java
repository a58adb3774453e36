// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.api.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What an operator can do from the page: drain this process's own registrations. Thread-safe. */
final class Actions {
    private final Supplier<List<Registration>> registrations;

    Actions(Supplier<List<Registration>> registrations) {
        this.registrations = registrations;
    }

    /** Does it; of one service and one id where the request names them, else of all. */
    AdminAnswer act(String action, AdminRequest request) {
        if (!action.equals("drain")) {
            return AdminAnswer.problem(404, "action: '" + action + "' (expected: drain)");
        }
        String service = request.first("service");
        String id = request.first("id");
        List<String> done = new ArrayList<>();
        for (Registration registration : registrations.get()) {
            String itsService = registration.instance().service();
            String itsId = registration.instance().id();
            if ((service == null || service.equals(itsService)) && (id == null || id.equals(itsId))) {
                registration.drain();
                done.add(itsService + "/" + itsId);
            }
        }
        return done.isEmpty()
                ? AdminAnswer.problem(
                        404, "drain: nothing fits (expected: service and id of a registration of this process)")
                : AdminAnswer.json(new Model.Done(Model.VERSION, action, done));
    }
}
