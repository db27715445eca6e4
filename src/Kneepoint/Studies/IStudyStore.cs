namespace Kneepoint.Studies;

/// <summary>Where a study keeps its trials.</summary>
/// <remarks>
/// A trial is durable when <see cref="Add"/> returns: a process killed one instruction later loses nothing. Trials are never changed or
/// removed. Adding a recipe that is already there is refused, also when two processes race for it. Values (<see cref="INamedBytes.Put"/>) are a
/// cache by name: sensitivities, calibration statistics, the study's own description. A store is safe for calls from several threads.
/// </remarks>
public interface IStudyStore : INamedBytes, IDisposable
{
    /// <summary>All trials by number.</summary>
    /// <exception cref="StudyStoreException">The store cannot be read.</exception>
    IReadOnlyList<Trial> Trials();

    /// <summary>Stores an ended trial, numbers it and gives it back with its number.</summary>
    /// <exception cref="InvalidOperationException">The recipe is in the store already.</exception>
    /// <exception cref="StudyStoreException">The store cannot be written: the disk is full, or the file is not a study.</exception>
    Trial Add(Search.Recipe recipe, TrialOutcome outcome, double seconds);
}

/// <summary>A study that cannot be read or written: the message says where, what was expected and what was found.</summary>
public sealed class StudyStoreException : Exception
{
    /// <summary>Makes the exception with its sentence.</summary>
    public StudyStoreException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its sentence and what caused it.</summary>
    public StudyStoreException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
