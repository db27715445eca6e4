using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Kneepoint.Coding.Packing;

/// <summary>Works on the groups of a packed file, several at a time.</summary>
static class GroupWork
{
    /// <summary>Works on each piece, on at most so many threads.</summary>
    /// <param name="pieces">Made one after the other, each only when a thread has time for it, so that no more are held than there are threads.</param>
    /// <param name="threads">How many threads.</param>
    /// <param name="work">Works on one piece.</param>
    public static void Run<TPiece>(IEnumerable<TPiece> pieces, int threads, Action<TPiece> work)
    {
        if (threads == 1)
        {
            foreach (var piece in pieces) work(piece);
            return;
        }

        try
        {
            // Without a buffer: the next piece is taken when it is asked for.
            Parallel.ForEach(Partitioner.Create(pieces, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
        }
        catch (AggregateException exception)
        {
            // As if one thread had met it.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
