// The checks of `mikura doctor`. Internal to session/.
#pragma once

#include <stop_token>
#include <vector>

#include "session/workspace.h"

namespace mikura {

std::vector<DoctorCheck> run_doctor(Workspace& workspace, std::stop_token stop);

}  // namespace mikura
