"""Pictures of creatures: a small generator, where its categories lie, and how a picture is finished."""
