// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.armeria;

import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.endpoint.DynamicEndpointGroup;
import com.linecorp.armeria.client.endpoint.EndpointSelectionStrategy;
import java.util.List;

/** Armeria's own group, whose setter is for subclasses only. */
final class ChangingGroup extends DynamicEndpointGroup {

    ChangingGroup(EndpointSelectionStrategy strategy) {
        super(strategy);
    }

    void become(List<Endpoint> endpoints) {
        setEndpoints(endpoints);
    }
}
